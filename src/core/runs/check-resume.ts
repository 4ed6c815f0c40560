import { invalidRequest } from "../errors.ts";
import { checkInteger, isLongerThan } from "../field-rules.ts";

const maxIdChars = 64;

/** Whether a stream can be gone on with there, as far as that is seen without it. @throws GatewayError `invalid_request` */
export function checkResume(id: string, afterSequence: number): void {
  if (id === "" || isLongerThan(id, maxIdChars)) {
    throw invalidRequest("id", `must have 1 to ${maxIdChars} characters, as \`started\` told it`);
  }
  checkInteger("afterSequence", afterSequence, { min: -1, max: Number.MAX_SAFE_INTEGER });
}
