import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { expect } from "chai";
import { type EndState, inventory } from "../../lab/bench/endState";
import { slowWay } from "../../lab/bench/slowly";
import type { Lab, LabHost } from "../../lab/lab";

describe("bench beside others", () => {
    it("tells them to make what is described, and no more", () => {
        const [web, huygens1, huygens2] = ["web", "huygens1", "huygens2"].map((name, i) => ({ name, address: `198.18.0.${i + 1}` })) as [
            LabHost,
            LabHost,
            LabHost,
        ];
        const lab = { web, nodes: [huygens1, huygens2], hosts: [web, huygens1, huygens2], admin: { user: "admin", privateKey: "/key" } };
        const file = (path: string) => ({ path, owner: "hrm", group: "hrm", mode: "600", content: "x" });
        const state: EndState = {
            hosts: new Map(lab.hosts.map(({ name }) => [name, { folders: [], files: [file(`/of-${name}`)] }])),
            access: new Map([
                ["huygens1", [file("/to-huygens1")]],
                ["huygens2", [file("/to-huygens2")]],
            ]),
            rows: [
                ["huygens1 0", "/bin/hucore", "0"],
                ["huygens2 0", "/bin/hucore", "0"],
            ],
            shared: { user: "hrm", ask: "mariadb hrm -e" },
        };
        const way = ({ address }: LabHost) => address;
        const { all } = JSON.parse(inventory(state, lab as unknown as Lab, ["huygens1"], way, "/known_hosts"));
        expect(Object.keys(all.children.nodes.hosts)).to.deep.equal(["huygens1"]);
        const described = all.children.web.hosts.web;
        expect(described.files.map(({ path }: { path: string }) => path)).to.deep.equal(["/of-web", "/to-huygens1"]);
        expect(described.rows).to.deep.equal([["huygens1 0", "/bin/hucore", "0"]]);
        expect(described.put_rows).to.contain('("huygens1 0", "/bin/hucore", "free", 0)').and.not.to.contain("huygens2");
        expect(all.vars).to.include({ user: "hrm", ansible_user: "admin", known_hosts: "/known_hosts" });
    });

    it("has a way that takes longer, and keeps what passes in its order", async () => {
        const echo = createServer({ allowHalfOpen: true }, socket => socket.pipe(socket)).listen(0, "127.0.0.1");
        await once(echo, "listening");
        const server = await slowWay("127.0.0.1", (echo.address() as AddressInfo).port, 60);
        const begin = Date.now();
        const socket = connect({ port: (server.address() as AddressInfo).port, host: "127.0.0.1", allowHalfOpen: true });
        let answer = "";
        socket.setEncoding("utf8").on("data", text => {
            answer += text;
        });
        for (let i = 0; i < 100; i++) socket.write(`${i} `);
        socket.end();
        await once(socket, "end");
        expect(Date.now() - begin).to.be.at.least(55);
        expect(answer).to.equal(Array.from({ length: 100 }, (_, i) => `${i} `).join(""));
        for (const each of [server, echo]) each.close();
    });
});
