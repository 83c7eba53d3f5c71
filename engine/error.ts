/** An error whose message is all that a person needs; what a person calls prints it without a stack trace. */
export class EngineError extends Error {}
