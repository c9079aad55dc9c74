-- Subprotocols, as a server chooses them: RFC 6455, 4.2.2 and 4.3; RFC 7936.
--
-- Cases that need a name which the server knows take it from --subprotocol.
-- Left out of the table:
--   SP-08  the offer of a client: needs a client under test.

local FIELD = "Sec-WebSocket-Protocol"

local function told(r, why)
  if not r then
    return "no response (" .. why .. ")"
  elseif r.status ~= 101 then
    return "status " .. r.status
  elseif r:count(FIELD) == 0 then
    return "101 without " .. FIELD
  end
  return FIELD .. ": " .. table.concat(r:all(FIELD), " | ")
end

-- A MUST about a response; one that did not come in time rests on absence.
local function must(t, req, cond, expected, r, why)
  local late = why == "timeout"
  return t:must(req, cond and not late, expected, told(r, why), late)
end

local function configured(t)
  if not t.target.protocol then
    t:skip("give --subprotocol NAME")
  end
  return t.target.protocol
end

local function is_one_of(value, list)
  for _, name in ipairs(list) do
    if value == name then
      return true
    end
  end
  return false
end

-- The response to an offer. 4xx is the policy of a server that wants a
-- subprotocol it knows.
local function offer(t, req, protocols)
  local ws = t:accepts(req, { protocols = protocols }, { refused = "info" })
  if not ws then
    t:skip("the server requires a subprotocol that it knows")
  end
  local r = ws.handshake
  ws:finish()
  return r
end

local function judge_token(t, r, value)
  if value then
    local token = value:find("^[%w!#$%%&'*+%-.^_`|~]+$")
    t:must("6455-4.3-11", token, "a single token", told(r))
    t:must("6455-11.5-01", token, "a token as the name", told(r))
  end
end

case {
  id = "subprotocols.none-offered",
  title = "Who offers no subprotocol gets none",
  requirements = { "6455-4.2.2-12" },
  run = function(t)
    local r, why = t:ask { drop = { FIELD } }
    if not r or r.status ~= 101 then
      t:skip("the server requires a subprotocol: " .. told(r, why))
    end
    t:must("6455-4.2.2-12", r:count(FIELD) == 0, "no " .. FIELD, told(r))
  end,
}

case {
  id = "subprotocols.unknown-offered",
  title = "Of unknown subprotocols none is chosen, or exactly one",
  requirements = {
    "6455-4.2.2-11", "6455-4.2.2-13", "6455-4.3-11", "6455-11.3.4-02",
    "6455-11.5-01", "6455-4.2.1-17",
  },
  run = function(t)
    local r = offer(t, "6455-4.2.1-17", "zz-a, zz-b")
    local count, value = r:count(FIELD), r:get(FIELD, 1)
    t:must("6455-11.3.4-02", count <= 1, "at most one " .. FIELD, told(r))
    t:must("6455-4.2.2-13", value ~= "", "a name, or no field", told(r))
    t:must("6455-4.2.2-11", not value or is_one_of(value, { "zz-a", "zz-b" }),
      "one of the names offered, or no field", told(r))
    judge_token(t, r, value)
  end,
}

case {
  id = "subprotocols.known-behind-unknown",
  title = "A subprotocol that the server knows is chosen from a list",
  requirements = {
    "6455-4.2.2-11", "6455-4.2.2-23", "6455-4.3-11", "6455-11.5-01",
  },
  run = function(t)
    local name = configured(t)
    local r = offer(t, "6455-4.2.2-11", "zz-a, " .. name)
    local value = r:get(FIELD, 1)
    t:must("6455-4.2.2-11", not value or value == name,
      name .. ", or no field", told(r))
    judge_token(t, r, value)
    t:note("6455-4.2.2-23", told(r))
  end,
}

case {
  id = "subprotocols.two-fields",
  title = "An offer in two fields is one list",
  requirements = { "6455-11.3.4-01", "6455-11.3.4-02" },
  run = function(t)
    local name = configured(t)
    for _, entry in ipairs {
      { "known in the second", "zz-a", name },
      { "known in the first", name, "zz-a" },
    } do
      t:variant(entry[1], function()
        local r, why = t:ask {
          protocols = entry[2],
          add = { { FIELD, entry[3] } },
        }
        t:tolerated("6455-11.3.4-01",
          r and r.status == 101 and r:get(FIELD, 1) == name,
          FIELD .. ": " .. name, told(r, why))
        if r and r.status == 101 then
          t:must("6455-11.3.4-02", r:count(FIELD) <= 1,
            "at most one " .. FIELD, told(r))
        end
      end)
    end
  end,
}

case {
  id = "subprotocols.letter-case",
  title = "A subprotocol in other letter case is another subprotocol",
  requirements = { "7936-2-01", "6455-4.2.2-11" },
  run = function(t)
    local name = configured(t)
    local other = name:upper()
    if other == name then
      other = name:lower()
    end
    if other == name then
      t:skip("the configured subprotocol has no letters")
    end
    local r, why = t:ask { protocols = other }
    if not r or r.status ~= 101 then
      must(t, "7936-2-01", true, "a response", r, why)
      return
    end
    local value = r:get(FIELD, 1)
    t:must("6455-4.2.2-11", not value or value == other,
      "no field, or the name as it was offered", told(r))
    t:tolerated("7936-2-01", not value, "no field", told(r))
  end,
}

case {
  id = "subprotocols.malformed-offer",
  title = "A subprotocol that is not a token is never chosen",
  requirements = { "6455-4.3-06" },
  baseline = true,
  run = function(t)
    for _, value in ipairs { "", "a b", "a;b", "a/b", "\u{E9}" } do
      t:variant('"' .. value .. '"', function()
        local r, why = t:ask { protocols = value }
        local expected = "an HTTP error status, or 101 without the field"
        if not r and why ~= "timeout" then
          t:tolerated("6455-4.3-06", false, expected, told(r, why))
        else
          must(t, "6455-4.3-06",
            r and (r.status ~= 101 or r:count(FIELD) == 0), expected, r, why)
        end
      end)
    end
  end,
}

case {
  id = "subprotocols.empty-member",
  title = "An empty member in the list of subprotocols is skipped",
  requirements = { "6455-4.3-06", "6455-4.2.2-11" },
  run = function(t)
    local name = configured(t)
    local ws = t:accepts("6455-4.3-06", { protocols = "a,," .. name })
    if ws then
      local value = ws.handshake:get(FIELD, 1)
      t:must("6455-4.2.2-11", not value or value == name or value == "a",
        name .. ", or no field", told(ws.handshake))
      ws:finish()
    end
  end,
}

case {
  id = "subprotocols.whitespace",
  title = "White space around the commas of a list changes nothing",
  requirements = { "6455-4.3-10" },
  run = function(t)
    local name = configured(t)
    local plain = offer(t, "6455-4.3-10", "zz-a," .. name)
    for label, space in ipairs { " ", "\t" } do
      t:variant(label == 1 and "SP" or "HTAB", function()
        local list = "zz-a" .. space .. "," .. space .. name
        local r, why = t:ask { protocols = list }
        if must(t, "6455-4.3-10", r and r.status == 101, told(plain), r, why)
        then
          t:tolerated("6455-4.3-10",
            r:get(FIELD, 1) == plain:get(FIELD, 1), told(plain), told(r))
        end
      end)
    end
  end,
}
