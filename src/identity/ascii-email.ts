// Emails as the directory keeps them. Letters that only look like others make another person's address: what is not
// plain ASCII is no email here.

const maxEmailChars = 254;
const form = /^[\x21-\x3f\x41-\x7e]+@[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/;

/** Lower case; undefined where it is not of the form. */
export function asciiEmail(text: string): string | undefined {
  // By ASCII's rule alone: `toLowerCase` makes a k of the Kelvin sign.
  const lower = text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  return lower.length <= maxEmailChars && form.test(lower) ? lower : undefined;
}
