import { expect } from "chai";
import { parseArguments } from "../../lab/arguments";

const parse = (line: string) => parseArguments(line.split(" ").filter(Boolean));

describe("lab: arguments", () => {
    const good: [line: string, expected: object][] = [
        ["", { command: "help" }],
        ["--help", { command: "help" }],
        ["up --help", { command: "help" }],
        ["up", { command: "up", name: "lab", gpus: [[0], [0]] }],
        ["up --nodes 3", { command: "up", name: "lab", gpus: [[0], [0], [0]] }],
        [
            "up --nodes 2 --gpus 2",
            {
                command: "up",
                name: "lab",
                gpus: [
                    [0, 1],
                    [0, 1],
                ],
            },
        ],
        ["up --nodes=0", { command: "up", name: "lab", gpus: [] }],
        ["up --gpus 2,1,0", { command: "up", name: "lab", gpus: [[0, 1], [0], []] }],
        ["up --gpus 2,1 --nodes 2 --name demo", { command: "up", name: "demo", gpus: [[0, 1], [0]] }],
        ["up --hrm a.zip --hucore b", { command: "up", name: "lab", gpus: [[0], [0]], hrm: "a.zip", hucore: "b" }],
        ["up --bare --release trixie", { command: "up", name: "lab", gpus: [[0], [0]], release: "trixie", bare: true }],
        ["status --name x", { command: "status", name: "x" }],
        ["down", { command: "down", name: "lab" }],
        ["exec web ls -l --name y", { command: "exec", name: "lab", host: "web", words: ["ls", "-l", "--name", "y"] }],
        ["ssh --name x huygens1", { command: "ssh", name: "x", host: "huygens1", words: [] }],
        ["exec -- web id", { command: "exec", name: "lab", host: "web", words: ["id"] }],
    ];
    for (const [line, expected] of good) it(`understands "${line}"`, () => expect(parse(line)).to.deep.equal(expected));

    const bad: [line: string, message: RegExp][] = [
        ["start", /no command "start"/],
        ["up now", /up takes no "now"/],
        ["up --node 2", /no option --node/],
        ["up -n 2", /no option -n/],
        ["up --nodes", /--nodes needs a value/],
        ["up --nodes two", /--nodes takes whole numbers from 0 to 252, not "two"/],
        ["up --nodes 253", /not "253"/],
        ["up --gpus 2,", /--gpus takes whole numbers from 0 to 16, not ""/],
        ["up --gpus -1", /not "-1"/],
        ["up --gpus 2,1 --nodes 3", /--gpus 2,1 is for 2 nodes, --nodes says 3/],
        ["up --bare=yes", /--bare takes no value/],
        ["up --release sid", /--release takes bookworm or trixie, not "sid"/],
        ["status --nodes 2", /--nodes belongs to up/],
        ["down --bare", /--bare belongs to up/],
        ["exec", /exec needs a host/],
        ["exec web", /exec needs a command/],
    ];
    for (const [line, message] of bad) it(`refuses "${line}"`, () => expect(() => parse(line)).to.throw(message));
});
