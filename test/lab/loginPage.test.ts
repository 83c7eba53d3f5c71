// Covers: lib/steps/packages lib/steps/release lib/steps/site lib/steps/phpSettings lib/steps/pages lib/steps/webServer
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { repositoryRoot } from "../../engine/root";
import { browserArguments, findBrowser, takePicture } from "../../lab/browser";
import { setPace } from "../../lab/disk";
import { quickPace } from "../../lab/pace";
import { makeReleaseZip, versionInZip } from "../../lab/release";
import { certificateFor } from "./support/certificate";
import { TestCluster } from "./support/cluster";

/** A real HRM, where somebody has one: a tree with its PHP libraries. */
const { HRM_TEST_HRM: realHrm } = process.env;

describe("HRM's login page in a browser, from a host with Debian 13 and nothing else", () => {
    let cluster: TestCluster;
    let browser: Browser;
    let visitor: BrowserContext;
    let page: Page;

    before(async () => {
        cluster = await TestCluster.make("t-page", [[0]], { bare: true, release: "trixie" });
        setPace(cluster.lab.root("web"), quickPace);
        const zip = join(cluster.lab.folder, "hrm.zip");
        await makeReleaseZip(realHrm ?? join(repositoryRoot(), "lab/hrm"), zip, () => {});
        const { certificate, key } = certificateFor(["hrm.example.org"]);
        Object.assign(cluster.description.web, {
            application: { release: zip, version: await versionInZip(zip) },
            webServer: { serverName: "hrm.example.org", https: { certificate, privateKey: key } },
        });
        await cluster.configure();
        browser = await chromium.launch({
            executablePath: findBrowser()!,
            // No name server knows it.
            args: [...browserArguments, `--host-resolver-rules=MAP hrm.example.org ${cluster.lab.web.address}`],
        });
    });
    after(async () => {
        await browser?.close();
        await cluster?.down();
    });
    beforeEach(async () => {
        // That its authority is the test's own is the one thing that a visitor would be asked about.
        visitor = await browser.newContext({ ignoreHTTPSErrors: true });
        page = await visitor.newPage();
    });
    afterEach(() => visitor?.close());

    async function logIn(password: string): Promise<void> {
        await page.goto("http://hrm.example.org/hrm/");
        await page.fill("input[name=username]", "admin");
        await page.fill("input[name=password]", password);
        await page.press("input[name=password]", "Enter");
        await page.waitForLoadState();
    }

    it("is there after one up, and nothing is to do then", async () => {
        expect(await cluster.lab.run("web", "cat /etc/debian_version; command -v php apache2 mariadb || :")).to.match(/^(13|trixie)\S*\n$/);
        await cluster.up();
        await cluster.expectNothingToDo();
        expect((await cluster.outputs()).url).to.equal("https://hrm.example.org/hrm");
    });

    it("sends who comes over HTTP to HTTPS, and the administrator home with the generated password", async () => {
        await logIn((await cluster.outputs()).adminPassword);
        expect(page.url()).to.equal("https://hrm.example.org/hrm/home.php");
        expect(await page.textContent("body")).to.contain("admin");
    });

    if (realHrm)
        it("has a page of servers that shows the row", async () => {
            await logIn((await cluster.outputs()).adminPassword);
            await page.goto("https://hrm.example.org/hrm/servers.php");
            expect((await page.textContent("body"))!.replace(/\s+/g, " ")).to.contain("huygens1 /usr/local/bin/hucore 0");
        });

    it("keeps out who has another password, and who has not logged in", async () => {
        await logIn("wrong");
        expect(page.url())
            .to.match(/^https:\/\/hrm\.example\.org\/hrm\//)
            .and.not.to.contain("home");
        expect(await page.textContent("body")).to.contain("wrong user name or password");
        await page.goto("https://hrm.example.org/hrm/home.php");
        expect(page.url()).to.equal("https://hrm.example.org/hrm/login.php");
    });

    it("shows nothing of HRM's inner folders", async () => {
        for (const path of ["config/hrm_config.inc", "inc/System.php", "setup/dbupdate.php"])
            expect((await page.goto(`https://hrm.example.org/hrm/${path}`))!.status(), path).to.equal(403);
    });

    it("runs jobs behind it", async () => {
        const [result] = await cluster.runJobs(1);
        expect(result!.ok ? result!.server : result!.detail).to.equal("huygens1 0");
    });

    it("has its picture taken, as the demo does", async () => {
        const file = join(cluster.lab.folder, "login.png");
        expect(await takePicture(findBrowser()!, `http://${cluster.lab.web.address}/hrm/login.php`, file)).to.equal(true);
        expect(existsSync(file)).to.equal(true);
        expect(await takePicture("/bin/false", "http://localhost/", file)).to.equal(false);
        expect(existsSync(file)).to.equal(false);
    });
});
