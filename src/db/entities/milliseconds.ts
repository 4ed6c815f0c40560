import { type EntityProperty, type Platform, Type } from "@mikro-orm/core";

/** A duration in milliseconds with its fractions, as a double; the ORM's own double type gives a string. */
export class Milliseconds extends Type<number, number> {
  override getColumnType(_property: EntityProperty, platform: Platform): string {
    return platform.getDoubleDeclarationSQL();
  }

  override compareAsType(): string {
    return "number";
  }
}
