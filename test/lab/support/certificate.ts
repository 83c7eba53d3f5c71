import * as forge from "node-forge";

/** A certificate for an address, and the authority that has signed it. */
export function certificateFor(address: string) {
    const make = (subject: string, issuer: string, keys: forge.pki.rsa.KeyPair, signer: forge.pki.rsa.KeyPair, extensions: object[]) => {
        const certificate = forge.pki.createCertificate();
        certificate.publicKey = keys.publicKey;
        certificate.serialNumber = `0${subject.length}`;
        certificate.validity.notBefore = new Date(Date.now() - 86400_000);
        certificate.validity.notAfter = new Date(Date.now() + 86400_000);
        certificate.setSubject([{ name: "commonName", value: subject }]);
        certificate.setIssuer([{ name: "commonName", value: issuer }]);
        certificate.setExtensions(extensions);
        certificate.sign(signer.privateKey, forge.md.sha256.create());
        return forge.pki.certificateToPem(certificate);
    };
    const [ours, servers] = [forge.pki.rsa.generateKeyPair(2048), forge.pki.rsa.generateKeyPair(2048)];
    return {
        authority: make("lab authority", "lab authority", ours, ours, [{ name: "basicConstraints", cA: true, critical: true }]),
        certificate: make("lab", "lab authority", servers, ours, [{ name: "subjectAltName", altNames: [{ type: 7, ip: address }] }]),
        key: forge.pki.privateKeyToPem(servers.privateKey),
    };
}
