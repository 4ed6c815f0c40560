// Table `request_bodies`: what was said, as JSON text. Apart from `requests`, so that lists and sums never
// read it and it can be removed sooner.

import { defineEntity, p } from "@mikro-orm/core";

export const RequestBodyEntity = defineEntity({
  name: "RequestBody",
  tableName: "request_bodies",
  properties: {
    requestId: p.uuid().primary(),
    createdAt: p.bigint("number"),
    tenantId: p.text(),
    request: p.text().nullable(),
    requestCut: p.boolean(),
    reply: p.text().nullable(),
    replyCut: p.boolean(),
  },
});
