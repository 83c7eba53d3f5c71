// For docstrings.test.ts: public names that lack everything.

export interface Silent {
    size?: number;
}

export function speak(): void {}
