// What budgets do in Redis, each in one step.
//
// An amount is the text "dollars nanos", since Lua's numbers are exact to 9 million dollars only. Of each account
// there are four keys:
//   its hash   `spent`, `reserved`; `at`, when the records were read last; `from`: of calls created since then, what
//              they paid stands in `b:<minute>` too, by the minute in which they were created, and of earlier ones in
//              `p:<call>`; `soft` and `below`, the soft limit and whether the account has been below it since it was
//              told; `l:<call>` and `l:<call> <number>`: what comes of that call, or of that one of its reservations,
//              later than its end
//   `held`     by call: the amount, the numbers of its reservations, and when the call was created
//   `leases`   the same calls by the time at which a reservation ends whose process has died
//   `load`     while somebody reads the records: whose turn it is, the `cut`, and the `window`
// What the records say counts for calls created before the cut, but for those under way and those in `p`; what was told
// here counts for all others. The cut goes a quarter of an hour behind: gateways write their records a moment after they
// have told Redis.

import { createRedisScript, type RedisScript } from "./redis-script.ts";

const common = `
local billion = 1000000000
local dayMs = 86400000
local function whole(number) return string.format('%.0f', number) end
local function textOf(dollars, nanos) return whole(dollars) .. ' ' .. whole(nanos) end
local function amount(text)
  local dollars, nanos = string.match(text, '^(%-?%d+) (%d+)')
  return tonumber(dollars), tonumber(nanos)
end
local function plus(a, b, sign)
  local ad, an = amount(a)
  local bd, bn = amount(b)
  local nanos = an + sign * bn
  local carry = math.floor(nanos / billion)
  return textOf(ad + sign * bd + carry, nanos - carry * billion)
end
local function isMore(a, b)
  local ad, an = amount(a)
  local bd, bn = amount(b)
  return ad > bd or (ad == bd and an > bn)
end
local function timeMs()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
local function open(i)
  local it = { main = KEYS[4 * i - 3], held = KEYS[4 * i - 2], leases = KEYS[4 * i - 1], load = KEYS[4 * i] }
  local known = redis.call('HMGET', it.main, 'spent', 'reserved', 'at', 'from', 'soft', 'below')
  it.spent, it.reserved, it.at, it.from = known[1], known[2], tonumber(known[3] or 0), tonumber(known[4] or nil)
  it.soft, it.below = known[5], known[6]
  return it
end
local function save(it)
  if it.from and it.changed then
    redis.call('HSET', it.main, 'spent', it.spent, 'reserved', it.reserved,
      'soft', it.soft or '', 'below', it.below or '0')
  end
end
local function sumOf(it) return it.from and plus(it.spent, it.reserved, 1) end
local function release(it, id)
  local held = redis.call('HGET', it.held, id)
  if not held then return false end
  redis.call('HDEL', it.held, id)
  redis.call('ZREM', it.leases, id)
  if it.from then it.reserved, it.changed = plus(it.reserved, held, -1), true end
  return true
end
local function cutOfLoad(it) return tonumber(redis.call('HGET', it.load, 'cut') or 0) end
local function numbersIn(held) return held and string.match(held, ' (,[%d,]+) ') or ',' end
local function keep(it, id, amount, numbers, created)
  redis.call('HSET', it.held, id, amount .. ' ' .. numbers .. ' ' .. created)
end
local function endDead(it, now)
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', it.leases, '-inf', whole(now), 'LIMIT', 0, 100)) do
    release(it, id)
  end
end
local function crosses(it, soft, before)
  if soft == '' then return 0 end
  if it.soft ~= soft then
    it.soft, it.below, it.changed = soft, isMore(before, soft) and '0' or '1', true
  end
  if it.below == '0' or not isMore(sumOf(it), soft) then return 0 end
  it.below, it.changed = '0', true
  return 1
end
local function tell(reply, it, crossed, isDue)
  reply[#reply + 1] = crossed
  reply[#reply + 1] = isDue and 1 or 0
  reply[#reply + 1] = it.spent or ''
  reply[#reply + 1] = it.reserved or ''
end
`;

/**
 * ARGV: the call, when it was created, the amount, for how long it is held, after how long records are read again, the
 * reservation's number, and whether it is held in any case, as for a call that is under way; then of each account its
 * hard and its soft limit, or nothing. What is held in any case counts in an account that is not known, too, when it
 * has been read. The same number a second time, or after its end, changes nothing: one connection may bring late what
 * the next one has brought already. Whoever is reading the records and was not told to leave this call out has to begin
 * anew. Gives the number of the account that has not enough (0: all have), or -1 where one has to be read first; then
 * of each whether it crossed its soft limit, whether it has to be read, what is spent and what is reserved; nothing
 * where it is not known.
 */
const reserve = createRedisScript(`${common}
local id, created, asked = ARGV[1], ARGV[2], ARGV[3]
local leaseMs, staleMs, number, anyway = tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6], ARGV[7] == '1'
local now, accounts, refused = timeMs(), {}, 0
local function isNew(it, numbers)
  if string.find(numbers, ',' .. number .. ',', 1, true) then return false end
  local ended = redis.call('HMGET', it.main, 'l:' .. id, 'l:' .. id .. ' ' .. number)
  return not ended[1] and not ended[2]
end
for i = 1, #KEYS / 4 do
  local it, hard = open(i), ARGV[6 + 2 * i]
  endDead(it, now)
  it.before = sumOf(it)
  if anyway then refused = 0
  elseif not it.from then refused = -1
  elseif refused == 0 and hard ~= '' and isMore(plus(it.before, asked, 1), hard) then refused = i end
  accounts[i] = it
end
local reply = { refused }
for i, it in ipairs(accounts) do
  local crossed = 0
  local held = refused == 0 and redis.call('HGET', it.held, id)
  local numbers = numbersIn(held)
  if refused == 0 and isNew(it, numbers) then
    keep(it, id, plus(held or '0 0', asked, 1), numbers .. number .. ',', created)
    if not held and tonumber(created) < cutOfLoad(it) then redis.call('DEL', it.load) end
    redis.call('ZADD', it.leases, whole(now + leaseMs), id)
    redis.call('PEXPIRE', it.held, whole(leaseMs + dayMs))
    redis.call('PEXPIRE', it.leases, whole(leaseMs + dayMs))
    if it.from then
      it.reserved, it.changed = plus(it.reserved, asked, 1), true
      crossed = crosses(it, ARGV[7 + 2 * i], it.before)
    end
  end
  save(it)
  tell(reply, it, crossed, now - it.at >= staleMs)
end
return reply
`);

/**
 * ARGV: the call, when it was created, what was paid, and whether it counts although nothing is held for it here, as
 * for a call that was let in while Redis was away: that once, too. Then the accounts' soft limits. Gives what a
 * reservation gives of each.
 */
const settle = createRedisScript(`${common}
local id, created, paid, anyway = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4] == '1'
local function add(key, field)
  redis.call('HSET', key, field, plus(redis.call('HGET', key, field) or '0 0', paid, 1))
end
local function count(it)
  local cut = cutOfLoad(it)
  if it.from or cut > 0 then
    if created >= math.max(it.from or 0, cut) then add(it.main, 'b:' .. whole(math.floor(created / 60000)))
    else redis.call('HSET', it.main, 'p:' .. id, paid .. ' ' .. ARGV[2]) end
    if not it.from then redis.call('PEXPIRE', it.main, whole(dayMs)) end
  end
  if it.from then it.spent, it.changed = plus(it.spent, paid, 1), true end
end
local reply = {}
for i = 1, #KEYS / 4 do
  local it, crossed = open(i), 0
  local before = sumOf(it)
  local counts = release(it, id)
  if anyway and before then counts = redis.call('HSETNX', it.main, 'l:' .. id, '1') == 1 or counts end
  if counts then
    count(it)
    if before then crossed = crosses(it, ARGV[4 + i], before) end
  end
  save(it)
  tell(reply, it, crossed, false)
end
return reply
`);

/**
 * ARGV: the call, the number of its reservation, and the amount. Of that one nothing is held afterwards, also where it
 * comes later. Gives what a reservation gives of each.
 */
const takeBack = createRedisScript(`${common}
local id, number, asked, reply = ARGV[1], ARGV[2], ARGV[3], {}
for i = 1, #KEYS / 4 do
  local it = open(i)
  local held = redis.call('HGET', it.held, id)
  local numbers = numbersIn(held)
  local first, last = string.find(numbers, ',' .. number .. ',', 1, true)
  if not first then
    if it.from then redis.call('HSET', it.main, 'l:' .. id .. ' ' .. number, '1') end
  elseif numbers == ',' .. number .. ',' then
    release(it, id)
  else
    local rest = string.sub(numbers, 1, first) .. string.sub(numbers, last + 1)
    keep(it, id, plus(held, asked, -1), rest, string.match(held, '(%d+)$'))
    if it.from then it.reserved, it.changed = plus(it.reserved, asked, -1), true end
  end
  save(it)
  tell(reply, it, 0, false)
end
return reply
`);

/** ARGV: after how long records are read again. Gives what a reservation gives of each. */
const standing = createRedisScript(`${common}
local now, reply = timeMs(), {}
for i = 1, #KEYS / 4 do
  local it = open(i)
  endDead(it, now)
  save(it)
  tell(reply, it, 0, now - it.at >= tonumber(ARGV[1]))
end
return reply
`);

/**
 * ARGV: whose turn it would be; the cut of an account that is not known, and of one that is; after how long records
 * are read again; how long the turn lasts. Gives "busy", "fresh", or "read", the cut, and the calls that were created
 * before it and that the records are not to tell of: those under way, and those that have ended a short time ago.
 */
const beginLoad = createRedisScript(`${common}
local it, now = open(1), timeMs()
endDead(it, now)
save(it)
if redis.call('EXISTS', it.load) == 1 then return { 'busy' } end
if it.from and now - it.at < tonumber(ARGV[4]) then return { 'fresh' } end
if not it.from then redis.call('DEL', it.main) end
local cut = it.from and math.max(it.from, tonumber(ARGV[3])) or tonumber(ARGV[2])
redis.call('HSET', it.load, 'turn', ARGV[1], 'cut', whole(cut), 'window', ARGV[3])
redis.call('PEXPIRE', it.load, ARGV[5])
local reply = { 'read', whole(cut) }
local held = redis.call('HGETALL', it.held)
for i = 1, #held, 2 do
  local created = tonumber(string.match(held[i + 1], '(%d+)$'))
  if created < cut then reply[#reply + 1] = held[i] end
end
for _, field in ipairs(redis.call('HKEYS', it.main)) do
  local id = string.match(field, '^p:(.+)$')
  if id then reply[#reply + 1] = id end
end
return reply
`);

/** ARGV: whose turn it is; what the records say, or nothing where they cannot be read; how long the account is kept. */
const endLoad = createRedisScript(`${common}
local it = open(1)
local load = redis.call('HMGET', it.load, 'turn', 'cut', 'window')
if load[1] ~= ARGV[1] then return 0 end
redis.call('DEL', it.load)
if ARGV[2] == '' then return 0 end
local spent, reserved = ARGV[2], '0 0'
local firstMinute, window = math.floor(tonumber(load[2]) / 60000), tonumber(load[3])
local fields = redis.call('HGETALL', it.main)
for i = 1, #fields, 2 do
  local field, value = fields[i], fields[i + 1]
  local kind = string.sub(field, 1, 2)
  local isOld = kind == 'l:'
  if kind == 'p:' then
    spent, isOld = plus(spent, value, 1), tonumber(string.match(value, '(%d+)$')) < window
  elseif kind == 'b:' then
    isOld = tonumber(string.sub(field, 3)) < firstMinute
    if not isOld then spent = plus(spent, value, 1) end
  end
  if isOld then redis.call('HDEL', it.main, field) end
end
for _, held in ipairs(redis.call('HVALS', it.held)) do reserved = plus(reserved, held, 1) end
redis.call('HSET', it.main, 'spent', spent, 'reserved', reserved, 'from', load[2], 'at', whole(timeMs()))
redis.call('PEXPIRE', it.main, ARGV[3])
return 1
`);

export const budgetScripts = { reserve, settle, takeBack, standing, beginLoad, endLoad } satisfies Record<
  string,
  RedisScript
>;
