import * as forge from "node-forge";

const day = 86400_000;

function sign(subject: string, keys: forge.pki.rsa.KeyPair, signer: forge.pki.rsa.KeyPair, until: number, extensions: object[]): string {
    const certificate = forge.pki.createCertificate();
    certificate.publicKey = keys.publicKey;
    certificate.serialNumber = `0${Math.floor(Math.random() * 1e12)}`;
    certificate.validity.notBefore = new Date(Date.now() - 2 * day);
    certificate.validity.notAfter = new Date(until);
    certificate.setSubject([{ name: "commonName", value: subject }]);
    certificate.setIssuer([{ name: "commonName", value: "lab authority" }]);
    certificate.setExtensions(extensions);
    certificate.sign(signer.privateKey, forge.md.sha256.create());
    return forge.pki.certificateToPem(certificate);
}

/**
 * A certificate for names or addresses, and the authority that has signed it.
 * @param days until it expires
 * @param bits of its key
 */
export function certificateFor(names: string[], days = 1, bits = 2048) {
    const [ours, servers] = [forge.pki.rsa.generateKeyPair(2048), forge.pki.rsa.generateKeyPair(bits)];
    const altNames = names.map(name => (/^[0-9.]+$/.test(name) ? { type: 7, ip: name } : { type: 2, value: name }));
    return {
        authority: sign("lab authority", ours, ours, Date.now() + 10 * day, [{ name: "basicConstraints", cA: true, critical: true }]),
        certificate: sign(names[0]!, servers, ours, Date.now() + days * day, [{ name: "subjectAltName", altNames }]),
        key: forge.pki.privateKeyToPem(servers.privateKey),
    };
}
