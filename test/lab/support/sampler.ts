import type { Lab } from "../../../lab/lab";
import { untilSeen } from "./until";

/**
 * Reads every command line and environment over and over, at the highest priority, and keeps each different text once. It rests a little after each
 * look, so that there is time for what it watches.
 */
const script = `use strict; use warnings;
my ($folder) = @ARGV;
my (%seen, $out);
open $out, ">:raw", "$folder/seen" or die; select((select($out), $| = 1)[0]);
until (-e "$folder/stop") {
    opendir my $proc, "/proc" or die;
    for my $pid (grep { /^[0-9]+$/ } readdir $proc) {
        for my $file ("cmdline", "environ") {
            open my $in, "<:raw", "/proc/$pid/$file" or next;
            my $text = do { local $/; <$in> } // next;
            print $out "$text\\n" unless $seen{$text}++;
        }
    }
    select undef, undef, undef, 0.008;
}
`;
const folder = "/run/sampler";

/** What stands in the process lists of all hosts while it runs. */
export class Sampler {
    private constructor(
        private readonly lab: Lab,
        private readonly runs: Promise<unknown>[],
    ) {}

    static async start(lab: Lab): Promise<Sampler> {
        const runs: Promise<unknown>[] = [];
        for (const { name } of lab.hosts) {
            await lab.run(name, `mkdir -m 0700 ${folder} && cat >${folder}/sample`, { stdin: script });
            runs.push(lab.run(name, `exec nice -n -20 perl ${folder}/sample ${folder}`));
            await untilSeen(
                `the sampler on ${name}`,
                () => lab.exec(name, `test -s ${folder}/seen`),
                seen => seen.code === 0,
            );
        }
        return new Sampler(lab, runs);
    }

    /** Ends it. @returns what was seen, by host */
    async stop(): Promise<Map<string, string>> {
        for (const { name } of this.lab.hosts) await this.lab.run(name, `touch ${folder}/stop`);
        await Promise.all(this.runs);
        const seen = new Map<string, string>();
        for (const { name } of this.lab.hosts) {
            seen.set(name, await this.lab.run(name, `cat ${folder}/seen`));
            // The file itself is no leak.
            await this.lab.run(name, `rm -r ${folder}`);
        }
        return seen;
    }
}
