// `npm run docs`: writes the pages that come from the declarations in lib/, so that they cannot say anything else: docs/reference, a page for each public name (TypeDoc,
// which also looks at links in docstrings), and docs/settings.md. With --check it only compares, and ends with 1 where they differ.
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const isCheck = process.argv.includes("--check");
const ts = createRequire(import.meta.url)("typescript");
const file = name => fileURLToPath(new URL(`../${name}`, import.meta.url));
const source = ts.createSourceFile("settings.ts", readFileSync(file("lib/description/settings.ts"), "utf8"), ts.ScriptTarget.ES2022, true);

const text = comment => (typeof comment === "string" ? comment : (ts.getTextOfJSDocComment(comment) ?? "")).replace(/\s+/g, " ").trim();
const cell = words => words.replaceAll("|", "\\|");

/** The values of `const NAME = { … } as const`. */
const constants = new Map();
const rows = [];
for (const statement of source.statements) {
    if (ts.isVariableStatement(statement)) {
        const [{ name, initializer }] = statement.declarationList.declarations;
        if (initializer && ts.isAsExpression(initializer) && ts.isObjectLiteralExpression(initializer.expression))
            constants.set(
                name.getText(),
                initializer.expression.properties.map(({ initializer }) => initializer.getText()),
            );
    }
    if (!ts.isInterfaceDeclaration(statement) || statement.name.text !== "HrmSettings") continue;
    for (const member of statement.members) {
        const [doc] = ts.getJSDocCommentsAndTags(member).filter(ts.isJSDoc);
        const byDefault = doc.tags.find(({ tagName }) => tagName.text === "default");
        const type = member.type.getText().replace("[]", "");
        const values = constants.get(type)?.join(", ");
        const shown = values
            ? `${member.type.getText().endsWith("[]") ? "list of " : ""}${values}`
            : member.type.getText().replace("Record<string, string>", "texts by extension");
        rows.push(`| \`${member.name.getText()}\` | ${cell(shown)} | ${cell(text(byDefault.comment))} | ${cell(text(doc.comment))} |`);
    }
}

const page = `# Settings

HRM's configuration variables that are a matter of taste or of the site, as \`settings\` of [HrmCluster](hrm-cluster.md) and [WebQueueHost](web-queue-host.md).
Each has the name of HRM's variable in camel case. What follows from other arguments (paths, accounts, the database) is no setting, and a message says which
argument it is. This page is made from the declarations by \`npm run docs\`.

| setting | type | default | meaning |
|---|---|---|---|
${rows.join("\n")}
`;

/** Its pages in a folder that goes afterwards. */
function withReference(use) {
    const folder = mkdtempSync(join(tmpdir(), "pulumi-hrm-docs-"));
    try {
        const { status } = spawnSync(file("node_modules/.bin/typedoc"), ["--out", folder, "--logLevel", "Warn"], {
            cwd: file("."),
            stdio: "inherit",
        });
        if (status === 0) use(folder);
        else process.exitCode = 1;
    } finally {
        rmSync(folder, { recursive: true });
    }
}

function pagesIn(folder) {
    const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(name => name.endsWith(".md"));
    return names.sort().map(name => `${name}\n${readFileSync(join(folder, name), "utf8")}`);
}

function compare(name, is, should) {
    if (is === should) return;
    console.error(`${name} is not what lib/ says: npm run docs`);
    process.exitCode = 1;
}

if (isCheck) compare("docs/settings.md", readFileSync(file("docs/settings.md"), "utf8"), page);
else writeFileSync(file("docs/settings.md"), page);
withReference(folder => {
    if (isCheck) return compare("docs/reference", pagesIn(file("docs/reference")).join(), pagesIn(folder).join());
    rmSync(file("docs/reference"), { recursive: true, force: true });
    cpSync(folder, file("docs/reference"), { recursive: true });
});
