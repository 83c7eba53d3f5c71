import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { derivedVariables, removedVariables } from "../../lib/description/settings";
import { example } from "./support/descriptions";
import { clusterProblems, withoutAgent } from "./support/refused";

const problemsOfSettings = (settings: unknown) => clusterProblems({ ...example(), settings });

describe("checkSettings", () => {
    withoutAgent();

    const wrong: [settings: unknown, problem: string][] = [
        [null, "settings: null, want an object such as { logVerbosity: 2 }"],
        ["logVerbosity", "settings: a text, want an object"],
        [["logVerbosity"], "settings: a list, want an object"],
        [pulumi.output({ logVerbosity: 2 }), "settings: an output, want an object"],
        [{ loglevel: 2 }, "settings.loglevel: HRM has no such setting; there are imageHost, "],
        [{ toString: "x" }, "settings.toString: HRM has no such setting"],
        [{ log_verbosity: 2 }, "settings.log_verbosity: is called logVerbosity here"],
        [{ db_password: "hush" }, "settings.db_password: is not a setting: set web.database.password"],
        [{ logVerbosity: "2" }, "settings.logVerbosity: '2', want a whole number"],
        [{ logVerbosity: 4 }, "settings.logVerbosity: 4, want 0, 1, 2, 3"],
        [{ logVerbosity: null }, "settings.logVerbosity: null, want a whole number"],
        [{ maxUploadLimit: -1 }, "settings.maxUploadLimit: -1, want a whole number"],
        [{ maxUploadLimit: 1.5 }, "settings.maxUploadLimit: 1.5, want a whole number"],
        [{ sendMail: "true" }, "settings.sendMail: 'true', want true or false"],
        [{ sendMail: 1 }, "settings.sendMail: 1, want true or false"],
        [{ emailAdmin: 5 }, "settings.emailAdmin: 5, want a mail address"],
        [{ emailAdmin: pulumi.secret("a@b") }, "settings.emailAdmin: is an output, want the plain value"],
        [{ emailAdmin: "a\0b" }, "settings.emailAdmin: 'a?b', want a mail address"],
        [{ emailListSeparator: "|" }, 'settings.emailListSeparator: \'|\', want ",", ";"'],
        [{ authenticateAgainst: "ldap" }, "settings.authenticateAgainst: 'ldap', want a list of texts"],
        [{ authenticateAgainst: [] }, "settings.authenticateAgainst: an empty list, want a list of texts"],
        [{ authenticateAgainst: ["ldap", "kerberos"] }, "settings.authenticateAgainst[1]: 'kerberos', want \"integrated\""],
        [{ decompressBin: ["unzip"] }, "settings.decompressBin: a list, want unpackers by extension"],
        [{ decompressBin: { zip: 5 } }, "settings.decompressBin: an object, want unpackers by extension"],
        [{ imageSource: "../src" }, "settings.imageSource: '../src', want a file name"],
        [{ imageDestination: "a b" }, "settings.imageDestination: 'a b', want a file name"],
        [{ logfile: "log/hrm.log" }, "settings.logfile: 'log/hrm.log', want a file name"],
        [{ pingCommand: "" }, "settings.pingCommand: '', want ping with its options"],
        [{ pingCommand: " " }, "settings.pingCommand: ' ', want ping with its options"],
        [{ pingCommand: "ping; id" }, "settings.pingCommand: 'ping; id', want ping with its options"],
        [{ pingParameter: "$(id)" }, "settings.pingParameter: '$(id)', want numbers that follow"],
        [{ defaultOutputFormat: "tiff" }, 'settings.defaultOutputFormat: \'tiff\', want "ics", "ics2", "hdf5", "r3d", "ome"'],
        ...removedVariables.map((name): [unknown, string] => [{ [name]: "x" }, `settings.${name}: HRM has removed this variable`]),
        ...Object.keys(derivedVariables).map((name): [unknown, string] => [{ [name]: "x" }, `settings.${name}: is not a setting: `]),
    ];
    for (const [settings, problem] of wrong) {
        it(`refuses ${problem.slice(0, problem.indexOf(",") + 1 || undefined)}`, async () => {
            const found = await problemsOfSettings(settings);
            expect(found).to.have.lengthOf(1);
            expect(found[0]!.slice(0, problem.length)).to.equal(problem);
        });
    }

    it("never shows a value under a name that HRM has for a secret", async () =>
        expect((await problemsOfSettings({ db_password: "hush" })).join()).not.to.include("hush"));
});
