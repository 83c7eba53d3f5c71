import type { PhpValue } from "../hosts/quote";

/** HRM's largest piece of an upload, and how many of them its pages send at once (UtilV2::getMaxConcurrentUploadSize of HRM 3.10). */
const [pieceMb, pieces] = [16, 4];

/** What PHP is told so that HRM can take what its settings allow: `NAME = VALUE`, one a line. */
export function phpSettings({ max_upload_limit, max_post_limit }: Record<string, PhpValue>): string {
    // Without a limit of HRM's, PHP's is the limit of a file, though files come in pieces.
    const upload = Number(max_upload_limit) || 1024 * 1024;
    // HRM makes its pieces of this, divided by one more than come at once.
    const post = Math.max(Number(max_post_limit), pieceMb * (pieces + 1));
    return [
        `upload_max_filesize = ${Math.max(upload, pieceMb)}M`,
        `post_max_size = ${post}M`,
        "memory_limit = 512M",
        // Of PHP itself, on Linux, not of the archiver that it waits for.
        "max_execution_time = 600",
        "max_input_time = 600",
        ...["display_errors = 0", "display_startup_errors = 0", "log_errors = 1"],
    ].join("\n");
}
