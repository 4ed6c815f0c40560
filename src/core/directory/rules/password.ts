// Passwords, by NIST SP 800-63B (3.1.1.2): long, and none that is tried first; nothing is asked of what they are made of.

import { isLongerThan } from "../../field-rules.ts";
import type { Fault } from "./faults.ts";

const minChars = 12;
const maxChars = 256;

/** Those of the usual lists of stolen passwords that are long enough. */
const commonPasswords: ReadonlySet<string> = new Set([
  "0123456789ab",
  "012345678910",
  "1234567890123",
  "12345678901234567890",
  "123456789012",
  "12345678910",
  "123456789123",
  "123456789abc",
  "1q2w3e4r5t6y",
  "1qaz2wsx3edc",
  "1qaz2wsx3edc4rfv",
  "abc123456789",
  "abcd12345678",
  "abcdefghijkl",
  "abcdefghijklmnopqrstuvwxyz",
  "admin1234567",
  "adminadminadmin",
  "administrator",
  "changemechangeme",
  "changeme1234",
  "correcthorsebatterystaple",
  "correct horse battery staple",
  "iloveyou1234",
  "letmeinletmein",
  "letmein12345",
  "passwordpassword",
  "password1234",
  "password12345",
  "password123456",
  "password123!",
  "p@ssw0rd1234",
  "qazwsxedcrfv",
  "qwerty123456",
  "qwerty1234567",
  "qwertyqwerty",
  "qwertyuiop12",
  "qwertyuiop123",
  "qwertyuiop[]",
  "sunshine1234",
  "test12345678",
  "testtesttest",
  "welcome12345",
  "zxcvbnm12345",
]);

export function passwordFault(password: string, email: string): Fault {
  if (isLongerThan(password, maxChars)) return `has more than ${maxChars} characters`;
  if (!isLongerThan(password, minChars - 1)) return `must have ${minChars} to ${maxChars} characters`;
  if (!password.isWellFormed()) return "is not proper Unicode text";
  const lower = password.toLowerCase();
  if (lower === email.toLowerCase()) return "must not be the email";
  const isOneCharacter = new Set(lower).size === 1;
  return isOneCharacter || commonPasswords.has(lower)
    ? "is one of those that are tried first: take another one"
    : undefined;
}
