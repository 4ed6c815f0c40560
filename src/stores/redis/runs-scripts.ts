// The scripts of runs that other gateways read. Each run has a hash (its head, the sequence that comes next, how it
// ended) and a stream of its events, whose ids are their sequences plus one. Both live as long as the run's gateway
// says that it runs, and for a while after its end. No script fails for what it finds: that would count as Redis being
// away.

import { createRedisScript } from "./redis-script.ts";

const common = `
local function idOf(sequence) return string.format('%.0f-0', sequence + 1) end
local function said(failure)
  if type(failure) == 'table' then failure = failure.err end
  return tostring(failure)
end
`;

/**
 * KEYS: the run's two. ARGV: its head where it begins, the first event's sequence, how many events are kept (nothing:
 * all), how it ends (nothing: not yet), the error that it ends with, for how many ms this is to be kept, and the
 * events. Gives nothing, or why it was not done: then nothing of the run is left. What is there already, as where the
 * answer was lost and it is sent again, or comes late over an earlier connection, is passed over.
 */
const append = createRedisScript(`${common}
local run, events = KEYS[1], KEYS[2]
local head, kept, ending, failure, keepMs = ARGV[1], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local sequence, count = tonumber(ARGV[2]), #ARGV - 6
local function nextThere()
  local done, told = pcall(redis.call, 'HGET', run, 'next')
  return done and tonumber(told or '') or nil
end
local function write()
  local next = nextThere()
  if not next and head ~= '' then
    -- The first write is the one that a full server refuses.
    if redis.call('EXISTS', run, events) > 0 then redis.call('DEL', run, events) end
    redis.call('HSET', run, 'head', head)
    next = sequence
  elseif not next or next < sequence then
    redis.call('DEL', run, events)
    return 'gone'
  end
  local there = next - sequence
  if there > count or (there > 0 and there == count and ending == '') then return '' end
  sequence = next
  for i = 7 + there, #ARGV do
    redis.call('XADD', events, idOf(sequence), 'e', ARGV[i])
    sequence = sequence + 1
  end
  redis.call('HSET', run, 'next', string.format('%.0f', sequence))
  if ending ~= '' then redis.call('HSET', run, 'ending', ending, 'error', failure) end
  if kept ~= '' then redis.call('XTRIM', events, 'MAXLEN', kept) end
  redis.call('PEXPIRE', run, keepMs)
  redis.call('PEXPIRE', events, keepMs)
  return ''
end
local done, result = pcall(write)
if done then return result end
pcall(redis.call, 'DEL', run, events)
return said(result)
`);

/** KEYS: of runs under way. ARGV: for how many ms they are to be kept. */
const renew = createRedisScript(`
for _, key in ipairs(KEYS) do pcall(redis.call, 'PEXPIRE', key, ARGV[1]) end
return ''
`);

/** KEYS: of runs that nobody can read on. */
const remove = createRedisScript(`
for _, key in ipairs(KEYS) do pcall(redis.call, 'DEL', key) end
return ''
`);

/** KEYS: a run's first. Gives its head, the sequence that comes next, and how it ended; nothing: it is not there. */
const find = createRedisScript(`
local done, told = pcall(redis.call, 'HMGET', KEYS[1], 'head', 'next', 'ending')
if not done or not told[1] or not told[2] then return {} end
return { told[1], told[2], told[3] or '' }
`);

/** KEYS: the first of each run. Gives of each the sequence that comes next and how it ended, or two empty texts. */
const standing = createRedisScript(`
local reply = {}
for _, key in ipairs(KEYS) do
  local done, told = pcall(redis.call, 'HMGET', key, 'next', 'ending')
  reply[#reply + 1] = done and told[1] or ''
  reply[#reply + 1] = done and told[2] or ''
end
return reply
`);

/**
 * KEYS: the run's two. ARGV: the first sequence that is wanted, and after how many bytes it is enough. Gives the
 * sequence that comes next, how it ended, the error that it ended with, and the events; nothing: they are not there.
 */
const read = createRedisScript(`${common}
local run, events = KEYS[1], KEYS[2]
local sequence, room = tonumber(ARGV[1]), tonumber(ARGV[2])
local function readAll()
  local told = redis.call('HMGET', run, 'next', 'ending', 'error')
  if not told[1] then return {} end
  local reply = { told[1], told[2] or '', told[3] or '' }
  local next, atOnce, found = tonumber(told[1]) or 0, 1, 1
  while room > 0 and sequence < next and found == atOnce do
    -- Few at first: each may be large.
    atOnce = math.min(2 * atOnce, 32)
    local entries = redis.call('XRANGE', events, idOf(sequence), '+', 'COUNT', atOnce)
    found = #entries
    for _, entry in ipairs(entries) do
      if room <= 0 or sequence >= next then return reply end
      local fields = entry[2]
      if entry[1] ~= idOf(sequence) or #fields ~= 2 or fields[1] ~= 'e' then
        return #reply > 3 and reply or {}
      end
      reply[#reply + 1] = fields[2]
      sequence = sequence + 1
      room = room - #fields[2]
    end
  end
  return reply
end
local done, reply = pcall(readAll)
return done and reply or {}
`);

export const runScripts = { append, renew, remove, find, standing, read } as const;
