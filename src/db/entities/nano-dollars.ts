import { BigIntType } from "@mikro-orm/core";

/**
 * Integer nano-dollars (10⁻⁹ US dollars) as a 64-bit integer column and a bigint in code. It is read as text:
 * a driver that gives integers as doubles loses what is above 2^53.
 */
export class NanoDollars extends BigIntType {
  constructor() {
    super("bigint");
  }

  override convertToJSValueSQL(column: string): string {
    return `cast(${column} as text)`;
  }
}
