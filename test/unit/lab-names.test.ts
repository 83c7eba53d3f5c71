import { expect } from "chai";
import fc from "fast-check";
import { checkName, freeSubnet, hostsFile, interfaceName, planHosts } from "../../lab/names";
import { duration, table } from "../../lab/status";

describe("lab: names and addresses", () => {
    it("takes the first network when nothing is in use", () =>
        expect(freeSubnet(["default", "127.0.0.1/8", "10.0.0.4/24"])).to.equal("198.18.0"));

    const cases: [taken: string[], expected: string][] = [
        [["198.18.0.254/24"], "198.18.1"],
        [["198.18.0.254"], "198.18.1"],
        [["198.18.1.254/24"], "198.18.0"],
        [["198.18.0.0/22", "198.18.4.1/32"], "198.18.5"],
        [["198.18.0.0/16"], "198.19.0"],
        [["0.0.0.0/0"], "198.18.0"],
    ];
    for (const [taken, expected] of cases) it(`avoids ${taken.join(" and ")}`, () => expect(freeSubnet(taken)).to.equal(expected));

    it("says so when every network is in use", () => expect(() => freeSubnet(["198.18.0.0/15"])).to.throw(/take a lab down/));

    it("never gives one network to two labs", () => {
        fc.assert(
            fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 511 }), { maxLength: 511 }), used => {
                const taken = used.map(i => `198.${18 + (i >> 8)}.${i & 255}`);
                return !taken.includes(freeSubnet(taken.map(prefix => `${prefix}.254/24`)));
            }),
        );
    });

    it("gives every host an address of its own, up to the largest lab", () => {
        const hosts = planHosts("198.18.7", Array(252).fill([0]));
        expect(hosts).to.have.length(253);
        expect(new Set(hosts.map(host => host.address)).size).to.equal(253);
        expect(hosts[0]).to.deep.equal({ name: "web", address: "198.18.7.1", role: "web", gpus: [] });
        expect(hosts.at(-1)).to.include({ name: "huygens252", address: "198.18.7.253", role: "node" });
        expect(() => planHosts("198.18.7", Array(253).fill([]))).to.throw(/at most 252/);
    });

    it("keeps network interface names within Linux' 15 characters", () => {
        expect(interfaceName(checkName("abcdefghij1"))).to.have.length(15);
        for (const name of ["", "abcdefghij12", "Lab", "a.b", "a/b", "-a", "a-", "a b"])
            expect(() => checkName(name), name).to.throw(/1 to 11/);
    });

    it("tells all names to every host", () => {
        expect(hostsFile(planHosts("198.18.0", [[]]))).to.equal("127.0.0.1 localhost\n198.18.0.1 web\n198.18.0.2 huygens1\n");
    });
});

describe("lab: status table", () => {
    it("aligns columns", () =>
        expect(
            table([
                ["a", "b"],
                ["long", "c"],
            ]),
        ).to.equal("a     b\nlong  c\n"));

    it("rounds times", () => {
        expect([5.4, 99, 101, 5900, 7200, 200000].map(duration)).to.deep.equal(["5 s", "99 s", "2 min", "98 min", "2 h", "2 d"]);
    });
});
