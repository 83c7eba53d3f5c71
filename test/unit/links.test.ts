import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect } from "chai";
import { repositoryRoot } from "../../engine/root";

const root = repositoryRoot();

/** As GitHub names the anchors of headings, and those that a page sets itself. */
function anchorsOf(page: string): string[] {
    const text = readFileSync(page, "utf8").replace(/^```[\s\S]*?^```/gm, "");
    const headings = [...text.matchAll(/^#{1,6} (.+)$/gm)].map(([, title]) =>
        title!
            .toLowerCase()
            .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
            .replace(/[^\p{L}\p{N} _-]/gu, "")
            .replaceAll(" ", "-"),
    );
    return [...headings, ...[...text.matchAll(/<a id="([^"]+)">/g)].map(([, id]) => id!)];
}

function deadLinks(page: string): string[] {
    const text = readFileSync(page, "utf8").replace(/^```[\s\S]*?^```/gm, "");
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!).filter(target => !/^(https?|mailto):/.test(target));
    return links.filter(target => {
        const [path, anchor] = target.split("#") as [string, string?];
        const file = path === "" ? page : join(dirname(page), decodeURI(path));
        if (!existsSync(file)) return true;
        return anchor !== undefined && statSync(file).isFile() && !anchorsOf(file).includes(anchor);
    });
}

describe("pages", () => {
    const pages = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "*.md"], { cwd: root, encoding: "utf8" })
        .trim()
        .split("\n");

    it("are those of the repository", () => expect(pages).to.include.members(["README.md", "docs/stacks.md", "docs/reference/README.md"]));

    for (const page of pages.filter(name => existsSync(join(root, name))))
        it(`${page} has no link that leads nowhere`, () => expect(deadLinks(join(root, page))).to.deep.equal([]));

    it("are reached from the README", () => {
        const seen = new Set<string>();
        const walk = (page: string) => {
            if (seen.has(page) || !existsSync(join(root, page))) return;
            seen.add(page);
            for (const [, target] of readFileSync(join(root, page), "utf8").matchAll(/\]\(([^)#\s]+\.md)(?:#[^)]*)?\)/g))
                if (!/^https?:/.test(target!)) walk(relative(root, join(root, dirname(page), target!)));
        };
        walk("README.md");
        expect(pages.filter(page => page.startsWith("docs/") && !seen.has(page))).to.deep.equal([]);
    });
});
