-- Opening handshakes that are too long, too many, or stranger than somebody
-- expected: classes 55 to 70 of docs/robustness.md. Which of them are to be
-- refused is judged in handshake*.lua; here the server has to answer, and to live.

local REQ = "6455-10.7-04"
local LIVES = "6455-10.4-01"
local VALID = "6455-10.7-01"

-- Answered or closed, and another connection is served meanwhile.
local function survives(t, label, request, bystander)
  t:variant(label, function()
    local r, why, c = t:ask(request)
    t:should(REQ, why ~= "timeout", "an answer, or the end of the connection", "neither came in time", true)
    bystander:undisturbed(t, LIVES)
    c:release()
  end)
end

local function strange(id, title, classes, rows)
  local tags = { "robustness" }
  for _, class in ipairs(classes) do
    tags[#tags + 1] = "class:" .. class
  end
  case {
    id = "robustness." .. id,
    title = title,
    requirements = { LIVES, REQ },
    tags = tags,
    since = "1.0",
    baseline = true,
    run = function(t)
      local bystander = t:open()
      for _, row in ipairs(rows) do
        survives(t, row[1], row[2], bystander)
      end
      t:serves(LIVES)
      bystander:finish()
    end,
  }
end

local keys = {
  { "no padding", { key = ("A"):rep(24) } },
  { "octets above 127", { key = ("\xFF"):rep(24) } },
  { "NUL", { key = "AQIDBAUGBwgJCgs\0DQ4PEA==" } },
}
for _, len in ipairs { 0, 1, 15, 16, 17, 22, 23, 25, 28, 31, 32, 33, 48, 63, 64, 65, 127, 128, 129, 255, 256, 257,
  511, 512, 513, 1023, 1024, 1025, 2048, 4095, 4096 } do
  keys[#keys + 1] = { len .. " octets", { key = ("A"):rep(len) } }
end
strange("keys", "A key of any length and form is answered", { 62 }, keys)

strange("prototype-names", "An extension may be called like what every object has", { 58 }, {
  { "constructor", { extensions = "constructor" } },
  { "an empty offer before it", { extensions = ",;constructor" } },
  { "__proto__", { extensions = "__proto__" } },
  { "__proto__ with a parameter", { extensions = "__proto__; __proto__=1" } },
  { "hasOwnProperty as a parameter", { extensions = "permessage-deflate; hasOwnProperty" } },
  { "toString", { extensions = "toString; valueOf=constructor" } },
  { "a subprotocol", { protocols = "constructor, __proto__" } },
})

strange("origins", "An Origin of any form is answered", { 65 }, {
  { "null", { add = { { "Origin", "null" } } } },
  { "empty", { add = { { "Origin", "" } } } },
  { "no host", { add = { { "Origin", "http://" } } } },
  { "half an address", { add = { { "Origin", "http://[" } } } },
  { "a port that is none", { add = { { "Origin", "http://a:99999999999" } } } },
  { "a bare percent sign", { add = { { "Origin", "http://%" } } } },
  { "octets above 127", { add = { { "Origin", "http://\xFF\xFE" } } } },
})

local names = {}
for i = 1, 300 do
  names[i] = "protocol" .. i
end
strange("subprotocols", "A list of subprotocols of any form is answered", { 66, 67 }, {
  { "unknown", { protocols = "wsspec-unknown" } },
  { "empty", { add = { { "Sec-WebSocket-Protocol", "" } } } },
  { "blanks", { add = { { "Sec-WebSocket-Protocol", "    " } } } },
  { "commas", { add = { { "Sec-WebSocket-Protocol", ",,,,," } } } },
  { "300 of them", { protocols = table.concat(names, ", ") } },
  { "blank extensions", { add = { { "Sec-WebSocket-Extensions", "   " } } } },
  { "a blank key", { set = { ["Sec-WebSocket-Key"] = "   " } } },
  { "a blank version", { set = { ["Sec-WebSocket-Version"] = "   " } } },
})

-- Repeated to a length, where no limit on a field's size stands in the way.
local function grown(len, parts)
  return parts[1] .. parts[2]:rep(len // #parts[2]) .. parts[3]
end

local growing = {
  { "Sec-WebSocket-Protocol, blanks", "Sec-WebSocket-Protocol", { "b", " ", "x" } },
  { "Sec-WebSocket-Protocol, commas", "Sec-WebSocket-Protocol", { "b", ",", "x" } },
  { "Sec-WebSocket-Extensions, an open quotation", "Sec-WebSocket-Extensions", { 'a; b="', "\\c", "" } },
  { "Sec-WebSocket-Extensions, parameters", "Sec-WebSocket-Extensions", { "a", ";b=1", "" } },
  { "Connection, blanks", "Connection", { "Upgrade", " ", "x" } },
  { "Connection, commas", "Connection", { "Upgrade", " ,", "x" } },
}

-- CPU of twenty requests whose field has `len` octets; nil: not known.
local function cost(t, row, len)
  local before = t:process()
  for _ = 1, 20 do
    local field = { { row[2], grown(len, row[3]) } }
    local r, why, c = t:ask(row[2] == "Connection" and { set = { Connection = field[1][2] } } or { add = field })
    t:should(REQ, why ~= "timeout", "an answer, or the end of the connection", "neither came in time", true)
    c:release()
  end
  local after = before and t:process()
  return after and after.cpu - before.cpu
end

case {
  id = "robustness.head-growth",
  title = "A field four times as long does not cost many times as much",
  requirements = { LIVES, REQ },
  tags = { "robustness", "class:55", "class:56", "class:57" },
  since = "1.0",
  baseline = true,
  run = function(t)
    for _, row in ipairs(growing) do
      t:variant(row[1], function()
        for attempt = 1, 2 do
          local short = cost(t, row, 1500)
          local long = cost(t, row, 6000)
          if not short or not long then
            t:note(LIVES, "CPU is not measured")
            return
          end
          -- Below half a second there is nothing to fear, nor to measure.
          local good = long < 0.5 or long <= 8 * math.max(short, 0.02)
          if good or attempt == 2 then
            t:should(LIVES, good, "CPU for 6000 octets is at most 8 times that for 1500",
              ("%.2f s against %.2f s"):format(long, short))
            return
          end
        end
      end)
    end
    t:serves(LIVES)
  end,
}

local fields = {}
for i = 1, 2000 do
  fields[i] = "X" .. i .. ": y\r\n"
end

case {
  id = "robustness.many-fields",
  title = "A request with two thousand fields is answered, or the connection ends",
  requirements = { LIVES, REQ },
  tags = { "robustness", "class:59" },
  since = "1.0",
  baseline = true,
  run = function(t)
    local bystander = t:open()
    local request = t:request()
    local at = request:find("\r\n", 1, true) + 2
    survives(t, "before the others", request:sub(1, at - 1) .. table.concat(fields) .. request:sub(at), bystander)
    survives(t, "behind the others", request:sub(1, -3) .. table.concat(fields) .. "\r\n", bystander)
    t:serves(LIVES)
    bystander:finish()
  end,
}

case {
  id = "robustness.long-head",
  title = "A head of a megabyte, or one that comes octet by octet, does not keep the server busy",
  requirements = { LIVES, REQ },
  tags = { "robustness", "class:60" },
  since = "1.0",
  baseline = true,
  run = function(t)
    local bystander = t:open()
    t:variant("a megabyte", function()
      local c = t:dial()
      c:send(t:request { add = { { "X-Long", ("x"):rep(1 << 20) } } })
      bystander:undisturbed(t, LIVES)
      c:reset()
    end)
    t:variant("octet by octet", function()
      local c = t:dial()
      c:cork()
      c:send(t:request { add = { { "X-Long", ("x"):rep(2000) } } })
      c:flush(1)
      local _, why = c:response()
      t:should(REQ, why ~= "timeout", "an answer, or the end of the connection", "neither came in time", true)
      bystander:undisturbed(t, LIVES)
      c:release()
    end)
    t:judge_idle(LIVES)
    t:serves(LIVES)
    bystander:finish()
  end,
}

case {
  id = "robustness.body",
  title = "The body that a request announces is not gathered in memory",
  requirements = { LIVES },
  tags = { "robustness", "slow", "class:61" },
  since = "1.0",
  weight = 8,
  run = function(t)
    t:judge_memory(LIVES, { slack = 24 << 20, factor = 0.5 }, function(open)
      local c = t:dial()
      open[#open + 1] = c
      c:send(t:request { add = { { "Content-Length", "1000000000" } } })
      local sent = c:pour(("x"):rep(1 << 20), 48)
      return sent
    end)
    t:serves(LIVES)
  end,
}

case {
  id = "robustness.draft-handshake",
  title = "The handshake of a draft, with two keys and without a version, opens nothing",
  requirements = { "6455-4.2.1-15" },
  tags = { "robustness", "class:10" },
  since = "1.0",
  baseline = true,
  run = function(t)
    t:rejects("6455-4.2.1-15", t:request {
      drop = { "Sec-WebSocket-Version" },
      add = {
        { "Sec-WebSocket-Key1", "4 @1  46546xW%0l 1 5" },
        { "Sec-WebSocket-Key2", "12998 5 Y3 1  .P00" },
      },
    } .. "^n:ds[4U")
  end,
}

case {
  id = "robustness.request-twice",
  title = "A second opening request on the same connection does not harm the server",
  requirements = { VALID },
  tags = { "robustness", "class:68" },
  since = "1.0",
  baseline = true,
  run = function(t)
    local bystander = t:open()
    for _, apart in ipairs { false, true } do
      t:variant(apart and "behind the 101" or "in one segment", function()
        local c = t:dial()
        c:cork()
        c:send(t:request())
        if apart then
          c:flush()
          c:response()
          c:cork()
        end
        c:send(t:request())
        c:flush()
        bystander:undisturbed(t, VALID)
        c:release()
      end)
    end
    t:serves(VALID)
    bystander:finish()
  end,
}
