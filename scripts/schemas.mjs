// `npm run schema`: writes what other languages and editors know of the arguments, from the declarations and forms in lib/: plugin/schema.json for Pulumi's languages,
// schemas/stack.schema.json for stack files. With --check it only compares, and ends with 1 where they differ.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const ts = require("typescript");
const yaml = require("yaml");
const { ComponentProvider } = require("@pulumi/pulumi/provider/experimental");
const { schemaOf } = require("../dist/lib/description/arguments.js");
const { commonForm } = require("../dist/lib/description/checkConnection.js");
const { mayHoldSecrets } = require("../dist/lib/description/fromConfig.js");
const { clusterForm, HrmCluster } = require("../dist/lib/hrmCluster.js");
const { version } = require("../package.json");

const program = ts.createProgram([join(root, "lib", "index.ts")], { strict: true, skipLibCheck: true, noEmit: true });
const checker = program.getTypeChecker();
/** The interfaces of lib/, by name. */
const interfaces = new Map(
    program
        .getSourceFiles()
        .filter(({ fileName }) => fileName.startsWith(join(root, "lib")))
        .flatMap(({ statements }) => statements.filter(ts.isInterfaceDeclaration))
        .map(declared => [declared.name.text, checker.getTypeAtLocation(declared)]),
);

/** What the docstring of a property says. */
function docOf(property) {
    const text = ts.displayPartsToString(property.getDocumentationComment(checker)).replace(/\s+/g, " ").trim();
    const tags = property.getJsDocTags(checker).map(({ name, text }) => [name, ts.displayPartsToString(text).replace(/\s+/g, " ").trim()]);
    return {
        text,
        byDefault: tags.find(([name]) => name === "default")?.[1],
        examples: tags.filter(([name]) => name === "example").map(([, example]) => example),
    };
}

function description({ text, byDefault, examples }) {
    const more = [...(byDefault ? [`Default: ${byDefault}.`] : []), ...examples.map(example => `Example: \`${example}\`.`)];
    return [text, ...more].join(" ").trim();
}

/** As Pulumi's analyser reads it, with defaults and examples in the descriptions. */
async function pulumiSchema() {
    const folder = mkdtempSync(join(tmpdir(), "pulumi-hrm-schema-"));
    const { description: about, license } = require("../plugin/package.json");
    try {
        const main = join(root, "lib", "index.js");
        writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "hrm", version, description: about, license, main }));
        const compilerOptions = { rootDir: root, noEmit: true, types: ["node"], typeRoots: [join(root, "node_modules", "@types")] };
        const files = [join(root, "lib", "index.ts")];
        writeFileSync(
            join(folder, "tsconfig.json"),
            JSON.stringify({ extends: join(root, "tsconfig.json"), compilerOptions, include: [], files }),
        );
        const provider = new ComponentProvider({ components: [HrmCluster], dirname: folder, name: "hrm" });
        const schema = JSON.parse(await provider.getSchema());
        const cluster = schema.resources["hrm:index:HrmCluster"];
        describe("HrmClusterArgs", cluster.inputProperties);
        for (const [token, { properties }] of Object.entries(schema.types)) if (properties) describe(token.split(":").at(-1), properties);
        return schema;
    } finally {
        rmSync(folder, { recursive: true });
    }
}

function describe(name, properties) {
    for (const property of interfaces.get(name).getProperties())
        if (properties[property.name]) properties[property.name].description = description(docOf(property));
}

/** The type of a property without `undefined`, and of one that may be an output, what it is when it is known. */
function typeOf(property) {
    const type = checker.getNonNullableType(checker.getTypeOfSymbol(property));
    return checker.getIndexTypeOfType(type, ts.IndexKind.String) ?? type;
}

const secret = { $ref: "#/definitions/secret" };

/** A key, or all of it as a secret, where the program takes that, or as a text of JSON, as Pulumi's CLI writes them. */
const wholeOr = (name, then) => ({
    if: { type: "object", not: { required: ["secure"] } },
    then,
    else: {
        anyOf: [
            ...(mayHoldSecrets.includes(name) ? [secret] : []),
            { type: "string", pattern: "^\\s*\\{", errorMessage: "want an object, with the names that the hover shows" },
        ],
    },
});

/** @param inside whether it stands in an object, where values keep their types; Pulumi's CLI writes others as texts */
function fieldSchema(field, property, inside) {
    const found = docOf(property);
    // Of a secret, examples are lines of a program.
    const doc = field.rules?.some(({ secret }) => secret) ? { ...found, examples: [] } : found;
    const schema = { description: description(doc) };
    if (field.form) {
        const one = objectSchema(field.form, typeOf(property));
        const whole = field.byName ? { type: "object", minProperties: 1, additionalProperties: one } : one;
        Object.assign(schema, inside ? whole : wholeOr(property.name, whole));
    } else {
        const value = schemaOf(field.rules ?? []);
        if (field.isInput) schema.anyOf = [value, secret];
        else if (!inside && value.type === "integer") schema.anyOf = [value, { type: "string", pattern: "^[0-9]+$" }];
        else Object.assign(schema, value);
        const byDefault = known(doc.byDefault);
        if (byDefault !== undefined) schema.default = byDefault;
        const examples = doc.examples.map(example => yaml.parse(example));
        if (examples.length > 0) schema.examples = examples;
    }
    return schema;
}

/** Of a default that is a value, not words. */
function known(text) {
    try {
        return JSON.parse(text);
    } catch {
        return undefined;
    }
}

function objectSchema(form, type) {
    const properties = Object.entries(form).map(([name, field]) => [name, fieldSchema(field, type.getProperty(name), true)]);
    const required = Object.keys(form).filter(name => form[name].missing !== undefined);
    return {
        type: "object",
        properties: Object.fromEntries(properties),
        ...(required.length > 0 && { required }),
        additionalProperties: false,
    };
}

function stackSchema() {
    const cluster = interfaces.get("HrmClusterArgs");
    const keys = Object.entries(clusterForm).map(([name, field]) => [`hrm:${name}`, fieldSchema(field, cluster.getProperty(name), false)]);
    const names = Object.keys(clusterForm);
    return {
        $schema: "http://json-schema.org/draft-07/schema#",
        $id: "https://unpkg.com/pulumi-hrm/schemas/stack.schema.json",
        type: "object",
        // Nothing is required: what is missing may come from an environment (Pulumi ESC) or from the project's own configuration.
        properties: {
            config: {
                type: "object",
                description: "The configuration of the stack; the cluster is what stands below `hrm:`.",
                properties: {
                    ...Object.fromEntries(keys),
                    "hrm:admin": {
                        description: "What the connections to all hosts have in common. Each host's own values come first.",
                        ...wholeOr("admin", objectSchema(commonForm, interfaces.get("ConnectionArgs"))),
                    },
                    "hrm:lab": {
                        description:
                            "Name of a lab of `npm run lab -- up`, whose hosts are described then. Of the program in this repository alone.",
                        type: "string",
                    },
                },
                // Keys of other namespaces are other programs'.
                patternProperties: { [`^hrm:(?!(${[...names, "admin", "lab"].join("|")})$)`]: false },
            },
        },
        definitions: {
            secret: {
                description: "A secret, as `pulumi config set --path PATH --secret` writes it.",
                type: "object",
                properties: { secure: { type: "string" } },
                required: ["secure"],
                additionalProperties: false,
                errorMessage: "want the value itself, or what `pulumi config set --path PATH --secret` writes",
            },
        },
    };
}

const files = { "plugin/schema.json": await pulumiSchema(), "schemas/stack.schema.json": stackSchema() };
for (const [name, content] of Object.entries(files)) {
    const path = join(root, name);
    const text = `${JSON.stringify(content, null, 2)}\n`;
    if (!process.argv.includes("--check")) {
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, text);
    } else if (readFileSync(path, "utf8") !== text) {
        console.error(`${name} is not what lib/ says: npm run schema`);
        process.exitCode = 1;
    }
}
