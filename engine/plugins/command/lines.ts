import { StringDecoder } from "node:string_decoder";

/** Cuts what arrives into lines, without their ends; the last one may lack its end. */
export class Lines {
    readonly #decoder = new StringDecoder("utf8");
    readonly #line: (line: string) => void;
    #rest = "";

    constructor(line: (line: string) => void) {
        this.#line = line;
    }

    write(chunk: Buffer): void {
        const lines = (this.#rest + this.#decoder.write(chunk)).split("\n");
        this.#rest = lines.pop() ?? "";
        for (const line of lines) this.#line(line.replace(/\r$/, ""));
    }

    end(): void {
        this.#rest += this.#decoder.end();
        if (this.#rest !== "") this.#line(this.#rest.replace(/\r$/, ""));
        this.#rest = "";
    }
}
