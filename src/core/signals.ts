// Short texts between the gateways of one deployment, by which one wakes the others at once instead of at their next
// look. They may be lost: they stand before a look that comes anyway, never in its place.

export interface Signals {
  /**
   * Says the text to all who listen to the channel, this gateway among them. Nobody waits for it, and while they are out
   * of reach it is lost.
   */
  publish(channel: string, text: string): void;
  /**
   * `heard` is called with each text that is said from then on; and with undefined each time that something may have
   * been missed: when the subscription comes into force, and when it is in force again after it was not.
   * @returns ends the subscription
   * @throws GatewayError `overloaded` for too many of them
   */
  subscribe(channel: string, heard: Heard): () => void;
}

/** Must not throw. */
export type Heard = (text: string | undefined) => void;

/** Of a gateway that shares nothing. */
export const noSignals: Signals = {
  publish() {},
  subscribe: () => () => {},
};
