import { join } from "node:path";
import { expect } from "chai";
import ts from "typescript";
import { repositoryRoot } from "../../engine/root";

/** What a docstring has to have. */
type Part = "meaning" | "default" | "example" | "unit" | "throws";

const library = join(repositoryRoot(), "lib/index.ts");
const undocumented = join(repositoryRoot(), "test/unit/support/undocumented.ts");

/** The public names of a module, and of interfaces their properties, with what their docstrings lack. */
function lacking(program: ts.Program, file: string): string[] {
    const checker = program.getTypeChecker();
    const found: string[] = [];
    const lacks = (name: string, part: Part) => found.push(`${name}: ${part}`);

    const textOf = (symbol: ts.Symbol) => ts.displayPartsToString(symbol.getDocumentationComment(checker));
    const tagOf = (symbol: ts.Symbol, name: string) => {
        const tag = symbol.getJsDocTags(checker).find(each => each.name === name);
        return tag && ts.displayPartsToString(tag.text);
    };

    function lookAtProperty(owner: string, property: ts.Symbol): void {
        const name = `${owner}.${property.name}`;
        const type = checker.typeToString(checker.getNonNullableType(checker.getTypeOfSymbol(property)));
        const [text, byDefault, example] = [textOf(property), tagOf(property, "default"), tagOf(property, "example")];
        if (text === "") lacks(name, "meaning");
        if (property.flags & ts.SymbolFlags.Optional && byDefault === undefined) lacks(name, "default");
        // A default that is a value shows the form as well.
        if (/string|number/.test(type) && example === undefined && !isValue(byDefault ?? "")) lacks(name, "example");
        if (
            /\bnumber\b/.test(type) &&
            !/seconds|MB|GiB|pixels|number|port|attempts|version|sshd|controller|of a row|-1/i.test(`${text} ${property.name}`)
        )
            lacks(name, "unit");
    }

    for (const exported of checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(file)!)!)) {
        const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
        if (textOf(symbol) === "") lacks(symbol.name, "meaning");
        for (const declaration of symbol.declarations ?? []) {
            if (ts.isInterfaceDeclaration(declaration))
                for (const property of checker.getTypeAtLocation(declaration).getProperties()) lookAtProperty(symbol.name, property);
            if (ts.isClassDeclaration(declaration)) {
                for (const member of declaration.members) {
                    if (ts.isPropertyDeclaration(member) && textOf(checker.getSymbolAtLocation(member.name)!) === "")
                        lacks(`${symbol.name}.${member.name.getText()}`, "meaning");
                    if (ts.isConstructorDeclaration(member) && !ts.getJSDocTags(member).some(tag => tag.tagName.text === "throws"))
                        lacks(symbol.name, "throws");
                }
            }
            if (ts.isFunctionDeclaration(declaration) && tagOf(symbol, "throws") === undefined) lacks(symbol.name, "throws");
        }
    }
    return found;
}

function isValue(text: string): boolean {
    try {
        JSON.parse(text);
        return true;
    } catch {
        return false;
    }
}

describe("docstrings of the public names", () => {
    let program: ts.Program;
    before(() => {
        program = ts.createProgram([library, undocumented], { strict: true, skipLibCheck: true, noEmit: true });
    });

    it("say what it is, in which unit, what is taken without it, an example, and what is thrown", () =>
        expect(lacking(program, library)).to.deep.equal([]));

    it("are found where they lack something", () => {
        expect(lacking(program, undocumented)).to.have.members([
            "Silent: meaning",
            "Silent.size: meaning",
            "Silent.size: default",
            "Silent.size: example",
            "Silent.size: unit",
            "speak: meaning",
            "speak: throws",
        ]);
    });
});
