// `npm run docs:settings`: writes docs/settings.md from the declarations in lib/description/settings.ts, so that the page cannot say anything else. With --check it
// only compares, and ends with 1 where they differ.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

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
argument it is. This page is made from the declarations by \`npm run docs:settings\`.

| setting | type | default | meaning |
|---|---|---|---|
${rows.join("\n")}
`;

if (process.argv.includes("--check")) {
    if (readFileSync(file("docs/settings.md"), "utf8") !== page) {
        console.error("docs/settings.md is not what lib/description/settings.ts says: npm run docs:settings");
        process.exitCode = 1;
    }
} else writeFileSync(file("docs/settings.md"), page);
