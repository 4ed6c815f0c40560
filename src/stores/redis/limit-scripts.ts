// What limits do in Redis, each in one step. The arithmetic is that of `core/limits/gcra.ts`, number by number; a
// bucket is the text "used carry since", and absent while it is full.
//
// ARGV[1] is the time in microseconds, or empty for Redis' own; ARGV[2] says how many milliseconds longer than needed
// keys are kept.

import { createRedisScript } from "./redis-script.ts";

const time = `
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000000 + time[2]
end
local keep = tonumber(ARGV[2])
local function whole(number) return string.format('%.0f', number) end
`;

const bucket = `
local minute = 60000000
local function refilled(value, limit)
  local used, carry, since = string.match(value or '', '^(%d+) (%d+) (%d+)$')
  used, carry, since = tonumber(used or 0), tonumber(carry or 0), tonumber(since or now)
  if used == 0 then return 0, 0, now end
  local elapsed = now - since
  if elapsed < -minute then since = now end
  if elapsed <= 0 then return used, carry, since end
  local minutes = math.floor(elapsed / minute)
  if minutes * limit >= used then return 0, 0, now end
  local rest = elapsed - minutes * minute
  local parts = rest * (limit % minute) + carry
  local back = minutes * limit + rest * math.floor(limit / minute) + math.floor(parts / minute)
  if back >= used then return 0, 0, now end
  return used - back, parts % minute, now
end
local function resetMs(used, limit) return math.ceil(used / limit * 60000) end
local function keepBucket(key, limit, state)
  if state[1] == 0 then
    redis.call('DEL', key)
  else
    local value = whole(state[1]) .. ' ' .. whole(state[2]) .. ' ' .. whole(state[3])
    redis.call('SET', key, value, 'PX', whole(resetMs(state[1], limit) + keep))
  end
end
`;

/**
 * KEYS: the buckets; then of each its limit and the cost. Gives the number of the bucket that has to be waited for
 * longest (0: all were taken), for how many milliseconds, and of each bucket what remains and when it is full.
 */
export const takeScript = createRedisScript(`${time}${bucket}
local function comesBackIn(rest, units, limit, carry)
  local parts = rest * (limit % minute) + carry
  return rest * math.floor(limit / minute) + math.floor(parts / minute) >= units
end
local function timeFor(units, limit, carry)
  local minutes = math.floor(units / limit)
  local part = units - minutes * limit
  local rest = math.ceil((part * minute - carry) / limit)
  while not comesBackIn(rest, part, limit, carry) do rest = rest + 1 end
  while rest > 0 and comesBackIn(rest - 1, part, limit, carry) do rest = rest - 1 end
  return minutes * minute + rest
end
local states, refused, waitMs = {}, 0, 0
for i, key in ipairs(KEYS) do
  local limit, cost = tonumber(ARGV[2 * i + 1]), tonumber(ARGV[2 * i + 2])
  local used, carry, since = refilled(redis.call('GET', key), limit)
  states[i] = { used, carry, since }
  local missing = used + cost - limit
  if missing > 0 then
    local due = since + timeFor(missing, limit, carry)
    local ms = math.max(1, math.ceil((due - now) / 1000))
    if ms > waitMs then refused, waitMs = i, ms end
  end
end
local reply = { refused, waitMs }
for i, key in ipairs(KEYS) do
  local limit, cost = tonumber(ARGV[2 * i + 1]), tonumber(ARGV[2 * i + 2])
  local state = states[i]
  if refused == 0 and cost > 0 then
    state[1] = state[1] + cost
    keepBucket(key, limit, state)
  end
  reply[#reply + 1] = limit - state[1]
  reply[#reply + 1] = resetMs(state[1], limit)
end
return reply
`);

/** KEYS: the buckets; then of each its limit and what more was used, below zero to give back. */
export const correctScript = createRedisScript(`${time}${bucket}
for i, key in ipairs(KEYS) do
  local limit, more = tonumber(ARGV[2 * i + 1]), tonumber(ARGV[2 * i + 2])
  local used, carry, since = refilled(redis.call('GET', key), limit)
  used = math.max(0, used + more)
  if used == 0 then carry = 0 end
  keepBucket(key, limit, { used, carry, since })
end
return 0
`);

/**
 * KEYS: sorted sets of who has a place, by the millisecond until which they have it; then how long that is, who, and
 * of each how many places there are. Gives the number of the first that is full, or 0.
 */
export const enterScript = createRedisScript(`${time}
local nowMs = math.floor(now / 1000)
local lease, id = tonumber(ARGV[3]), ARGV[4]
for i, key in ipairs(KEYS) do
  redis.call('ZREMRANGEBYSCORE', key, '-inf', whole(nowMs))
  local isFull = redis.call('ZCARD', key) >= tonumber(ARGV[4 + i])
  if isFull and not redis.call('ZSCORE', key, id) then return i end
end
for _, key in ipairs(KEYS) do
  redis.call('ZADD', key, whole(nowMs + lease), id)
  redis.call('PEXPIRE', key, whole(lease + keep))
end
return 0
`);

/** KEYS: one such set; then how long its places are kept from now on, and whose. */
export const renewScript = createRedisScript(`${time}
local nowMs = math.floor(now / 1000)
local lease = tonumber(ARGV[3])
for i = 4, #ARGV do redis.call('ZADD', KEYS[1], whole(nowMs + lease), ARGV[i]) end
redis.call('PEXPIRE', KEYS[1], whole(lease + keep))
return 0
`);
