import fc from "fast-check";
import type { HrmClusterArgs, HrmSettings } from "../../../lib";
import * as rules from "../../../lib/description/rules";
import { ownAccount, ownGroup } from "../../../lib/description/systemNames";
import { adminKey, hostKey } from "./descriptions";

const hostName = fc
    .stringMatching(/^[A-Za-z0-9]([A-Za-z0-9-]{0,10}[A-Za-z0-9])?(\.[a-z]{1,8}){0,3}$/)
    .filter(name => rules.hostName.fits(name) && !/^localhost(\.|$)/i.test(name));
const absolutePath = fc.stringMatching(/^(\/[A-Za-z0-9_@+-][A-Za-z0-9._@+-]{0,10}){1,4}$/);
/** A folder that nobody else has, below one for each kind. */
const folderBelow = (top: string) => absolutePath.map(path => `/${top}${path}`);
const accountName = fc
    .stringMatching(/^[a-z_][a-z0-9_-]{0,31}$/)
    .filter(name => [ownAccount, ownGroup].every(({ fits }) => fits(name)) && name !== "root");
const password = fc
    .oneof(fc.constant("a'b\"c$d\\e|f%g{{h}}"), fc.string({ minLength: 1 }))
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are refused
    .filter(value => !/[\u0000-\u001f\u007f]/.test(value));

const settings: fc.Arbitrary<HrmSettings> = fc.record(
    {
        imageSource: fc.constantFrom("src", "raw.images", "a_b-c"),
        allowHttpTransfer: fc.boolean(),
        maxUploadLimit: fc.nat(),
        compressExt: fc.constantFrom(".zip", ".tgz", ".tar", ".tar.gz"),
        compressBin: fc.constantFrom("cd %DEST%\n/usr/bin/zip -0 ", "/bin/tar czf", "7z a -tzip"),
        decompressBin: fc.dictionary(fc.constantFrom("zip", "tgz", "tar.gz"), fc.constantFrom("cd %DEST%\n/usr/bin/unzip -o ", "tar xzf ")),
        logVerbosity: fc.constantFrom(0, 1, 2, 3),
        emailSender: fc.option(
            fc.emailAddress().filter(address => /^\w[\w.+=~-]*@/.test(address)),
            { nil: undefined },
        ),
        authenticateAgainst: fc.shuffledSubarray(["integrated", "active_dir", "ldap"], { minLength: 1 }),
        pingParameter: fc.constantFrom("", "56", "56 4"),
        defaultOutputFormat: fc.constantFrom("ics", "ics2", "hdf5", "r3d", "ome"),
    },
    { requiredKeys: [] },
);

const web = fc.record(
    {
        host: hostName.map(name => `web.${name}`).filter(rules.hostName.fits),
        user: accountName,
        group: accountName,
        webServerUser: fc.constantFrom("www-data", "apache", "http"),
        hrmPath: folderBelow("opt"),
        imageFolder: folderBelow("data"),
        logFolder: folderBelow("log"),
        hucore: absolutePath,
        packages: fc.record({ install: fc.boolean() }, { requiredKeys: [] }),
        database: fc.oneof(
            fc.record({ name: fc.stringMatching(/^hrm[A-Za-z0-9_]{0,29}$/), password }, { requiredKeys: [] }),
            fc.record({ host: hostName, password }),
        ),
    },
    { requiredKeys: ["host"] },
);

const node = fc.record({ gpus: fc.uniqueArray(fc.nat({ max: 15 })), hucore: absolutePath }, { requiredKeys: [] });

const login = fc.record(
    {
        port: fc.integer({ min: 1, max: 65535 }),
        user: fc.constantFrom("admin", "root", "Some.Admin", "admin@example.org"),
        dialErrorLimit: fc.integer({ min: 1, max: 10 }),
    },
    { requiredKeys: [] },
);

const ways = fc.constantFrom({ privateKey: adminKey }, { password: "secret" }, { agentSocketPath: "/run/agent" });

const connection = (number: number) =>
    fc.tuple(login, ways, fc.option(login, { nil: undefined })).map(([own, way, bastion]) => ({
        ...{ ...own, ...way, host: ["198.18.0.", "2001:db8::", "host"][number % 3]! + number, hostKey: hostKey(number) },
        ...(bastion && { proxy: { ...bastion, host: "bastion", hostKey: hostKey(200), privateKey: adminKey } }),
    }));

/** A description with which nothing is wrong. */
export const validDescription: fc.Arbitrary<HrmClusterArgs> = fc
    .uniqueArray(hostName, { minLength: 1, maxLength: 4, selector: name => name.toLowerCase() })
    .chain(names =>
        fc
            .tuple(
                web,
                connection(100),
                settings,
                fc.integer({ min: 1, max: 3 }),
                ...names.map((_, index) => fc.tuple(node, connection(index))),
            )
            .map(([host, login, some, keyVersion, ...nodes]) => ({
                web: { ...host, connection: login },
                nodes: Object.fromEntries(names.map((name, index) => [name, { ...nodes[index]![0], connection: nodes[index]![1] }])),
                settings: some,
                keyVersion,
            })),
    );
