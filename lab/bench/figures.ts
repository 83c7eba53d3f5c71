/** Times of a measured program beside those of the one it is compared with. */
export interface Pair {
    measured: number;
    reference: number;
}

export class Ratios {
    private readonly pairs: Pair[] = [];

    constructor(readonly title: string) {}

    add(pair: Pair): void {
        this.pairs.push(pair);
    }

    /** Of the ratios of the pairs, each of which was measured at one time, since a machine is not equally fast all the time. */
    get median(): number {
        return median(this.pairs.map(ratio));
    }

    /** `up from nothing   2.7 (2.5 to 2.9 in 3 pairs)   14.2 s beside 5.3 s` */
    get line(): string {
        const ratios = this.pairs.map(ratio);
        const range = `${figure(Math.min(...ratios))} to ${figure(Math.max(...ratios))} in ${this.pairs.length} pairs`;
        const seconds = [this.pairs.map(pair => pair.measured), this.pairs.map(pair => pair.reference)].map(median);
        return `${this.title.padEnd(22)}${figure(this.median)} (${range})   ${figure(seconds[0]!)} s beside ${figure(seconds[1]!)} s`;
    }
}

export function figure(value: number): string {
    return value.toFixed(value < 10 ? 2 : 1);
}

/** Of an even number of values, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
    const sorted = [...values].sort((a, b) => a - b);
    const middle = sorted.length / 2;
    return (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2;
}

function ratio({ measured, reference }: Pair): number {
    return measured / reference;
}
