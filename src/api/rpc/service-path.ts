/** Whether the path is of a service of ours, known or not: `/sluice.v1.ChatService/Chat`. */
export const isServicePath = (path: string): boolean => path.startsWith("/sluice.v1.");
