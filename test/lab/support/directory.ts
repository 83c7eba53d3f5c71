import { certificateFor } from "./certificate";
import type { TestCluster } from "./cluster";

export const managerPassword = 'm\' "hush-hush" $w'; // no base64 of something else has it by chance

const entries = `dn: dc=example,dc=org
objectClass: domain
dc: example

dn: ou=people,dc=example,dc=org
objectClass: organizationalUnit
ou: people

dn: ou=others,ou=people,dc=example,dc=org
objectClass: organizationalUnit
ou: others

dn: ou=services,ou=people,dc=example,dc=org
objectClass: organizationalUnit
ou: services

dn: cn=hrm,ou=services,ou=people,dc=example,dc=org
objectClass: person
cn: hrm
sn: hrm
userPassword: ${managerPassword}

${[
    ["alice", "ou=people", "imaging"],
    ["bob", "ou=people", ""],
    ["twin", "ou=people", ""],
    ["twin", "ou=others,ou=people", ""],
]
    .map(
        ([uid, place, group]) => `dn: uid=${uid},${place},dc=example,dc=org
objectClass: inetOrgPerson
objectClass: domainUser
cn: ${uid}
sn: ${uid}
uid: ${uid}
sAMAccountName: ${uid}
userPrincipalName: ${uid}@ads.example.org
${group ? `memberOf: cn=${group},ou=groups,dc=example,dc=org\n` : ""}`,
    )
    .join("\n")}`;

const configuration = `include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload memberof
attributetype ( 1.2.840.113556.1.4.221 NAME 'sAMAccountName' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.656 NAME 'userPrincipalName' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
objectclass ( 1.3.6.1.4.1.4203.666.1.1 NAME 'domainUser' SUP top AUXILIARY MAY ( sAMAccountName $ userPrincipalName ) )
TLSCertificateFile /srv/ldap/certificate.pem
TLSCertificateKeyFile /srv/ldap/key.pem
disallow bind_anon
database mdb
suffix "dc=example,dc=org"
directory /srv/ldap/db
overlay memberof
access to attrs=userPassword by anonymous auth
access to * by users read
`;

/** OpenLDAP on a node, over LDAPS (on 1636, too) and STARTTLS, with some users. @returns the authority of its certificate, PEM */
export async function directoryOn(cluster: TestCluster, host: string): Promise<string> {
    const { authority, certificate, key } = certificateFor([host]);
    const put = (path: string, text: string) => cluster.lab.run(host, `mkdir -p /srv/ldap/db; cat >${path}`, { stdin: text });
    await put("/srv/ldap/certificate.pem", certificate);
    await put("/srv/ldap/key.pem", key);
    await put("/srv/ldap/slapd.conf", configuration);
    await put("/srv/ldap/entries.ldif", entries);
    await cluster.lab.run(
        host,
        "slapadd -q -f /srv/ldap/slapd.conf -l /srv/ldap/entries.ldif && slapd -f /srv/ldap/slapd.conf -h 'ldap:/// ldaps:/// ldaps://:1636/'",
    );
    return authority;
}
