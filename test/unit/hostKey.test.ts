import { expect } from "chai";
import { hostKeyProblem, withoutComment } from "../../lib/description/hostKey";
import { hostKey } from "./support/descriptions";

// By ssh-keygen -t ecdsa.
const ecdsa =
    "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBEqmeewYSSDAj8iGrTFz1UAs35RtiB+8hcLQfOQ66QepU58m1BR9K+iufkJ1t77u2+wC7ro4KwXw7a2AVtVg5KI=";
const ed25519 = hostKey(7);

describe("hostKey", () => {
    for (const good of [ed25519, ecdsa, `${ed25519} root@host`, ` ${ed25519}\n`, `${ecdsa} a comment of words`]) {
        it(`takes '${good.slice(0, 30)}…${good.slice(-12)}'`, () => expect(hostKeyProblem(good)).to.equal(undefined));
    }

    const bad: [title: string, value: unknown, problem: RegExp][] = [
        ["an RSA key", "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQ", /^begins with 'ssh-rsa', want one of ssh-ed25519, ecdsa-/],
        ["what ssh-keyscan prints", `host ${ed25519}`, /^begins with 'host', want/],
        ["a key without its type", ed25519.split(" ")[1], /^begins with 'AAAA/],
        ["a type without a key", "ssh-ed25519", /not such a key/],
        ["the key of another type", `ssh-ed25519 ${ecdsa.split(" ")[1]}`, /not such a key/],
        ["a key that is cut off", ed25519.slice(0, -12), /not such a key, or not all of it/],
        ["a key that is cut off at a character", ed25519.slice(0, -1), /not such a key, or not all of it/],
        ["a key with something in it", ed25519.replace("AAAA", "AA$()AA"), /not such a key/],
        ["a key that is only its type", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5", /not such a key, or not all of it/],
        ["two keys", `${ed25519}\n${ecdsa}`, /^several lines/],
        ["nothing", "", /^begins with ''/],
        ["a number", 5, /^not a text/],
    ];
    for (const [title, value, problem] of bad) it(`refuses ${title}`, () => expect(hostKeyProblem(value)).to.match(problem));

    it("knows the key by its type and blob alone", () =>
        expect(withoutComment(` ${ed25519}  root@host\n`)).to.deep.equal({ type: "ssh-ed25519", key: ed25519 }));
});
