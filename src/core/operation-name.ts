/** What a call asks for. */
export type OperationName = "chat" | "embed";
