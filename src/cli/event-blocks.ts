/** Cuts a text of server-sent events into its blocks, however it comes in pieces. */
export function createEventBlocks(longestBlock = 4_000_000) {
  let rest = "";
  return {
    /** The blocks that the piece completes. @throws Error for a block that does not end */
    push(piece: string): readonly string[] {
      const blocks = (rest + piece).split("\n\n");
      rest = blocks.pop() ?? "";
      if (rest.length > longestBlock) throw new Error("An event of the answer does not end.");
      return blocks;
    },
  };
}

/** The block's `data` line; undefined for a comment. */
export const dataOfBlock = (block: string): string | undefined => /^data: ?(.*)$/m.exec(block)?.[1];
