-- The negotiation of extensions, apart from what they do: RFC 6455, 4.3, 9.1.
--
-- Left out of the table:
--   EX-09, EX-10  the reaction of a client: needs a client under test.
-- What permessage-deflate promises and keeps (RFC 7692) is another matter:
-- here it is a name that many servers know.

local FIELD = "Sec-WebSocket-Extensions"
local DEFLATE = "permessage-deflate"

-- The answer to an offer, without white space and quotes, to be compared.
local function answer(r)
  local value = table.concat(r:all(FIELD), ",")
  return (value:gsub('[ \t"]', ""))
end

local function told(r, why)
  if not r then
    return "no response (" .. why .. ")"
  elseif r.status ~= 101 then
    return "status " .. r.status
  elseif r:count(FIELD) == 0 then
    return "101 without " .. FIELD
  end
  return "101, " .. FIELD .. ": " .. table.concat(r:all(FIELD), " | ")
end

-- A MUST about a response; one that did not come in time rests on absence.
local function must(t, req, cond, expected, r, why)
  local late = why == "timeout"
  return t:must(req, cond and not late, expected, told(r, why), late)
end

local function names(r)
  local list = {}
  for element in answer(r):gmatch("[^,]+") do
    list[#list + 1] = element:match("^[^;]*")
  end
  return list
end

local function only_offers(r, offered)
  for _, name in ipairs(names(r)) do
    if name ~= offered then
      return false
    end
  end
  return true
end

-- The response to an offer that another case judges, to compare with; a server
-- that refuses the offer leaves nothing to compare.
local function reference(t, extensions)
  local r, why = t:ask { extensions = extensions }
  if not r or r.status ~= 101 then
    t:skip("the offer itself is refused: " .. told(r, why))
  end
  return r
end

-- An empty field lists nothing, but breaks the grammar of the field.
local function judge_empty(t, req, r)
  local empty = r:count(FIELD) > 0 and answer(r) == ""
  t:tolerated(req, not empty, "no " .. FIELD, "an empty field")
end

case {
  id = "extensions.none-offered",
  title = "Who offers no extension gets none",
  requirements = { "6455-9-03", "6455-4.2.2-15" },
  run = function(t)
    local ws = t:open()
    local r = ws.handshake
    t:must("6455-9-03", #names(r) == 0, "no extension", told(r))
    judge_empty(t, "6455-4.2.2-15", r)
    ws:finish()
  end,
}

case {
  id = "extensions.unknown-offered",
  title = "An extension that the server cannot know is ignored",
  requirements = { "6455-4.2.1-18", "6455-4.2.2-14" },
  run = function(t)
    local ws = t:accepts("6455-4.2.1-18", { extensions = "x-unknown; p=1" },
      { refused = "tolerated" })
    if ws then
      local r = ws.handshake
      t:must("6455-4.2.2-14", #names(r) == 0, "no extension", told(r))
      judge_empty(t, "6455-4.2.2-14", r)
      ws:finish()
    end
  end,
}

case {
  id = "extensions.only-offered-names",
  title = "Only extensions that were offered are accepted",
  requirements = {
    "6455-4.2.2-14", "6455-11.4-01", "6455-9.1-10", "6455-9-02",
  },
  run = function(t)
    local r = reference(t, "x-foo, " .. DEFLATE)
    t:must("6455-4.2.2-14", only_offers(r, DEFLATE),
      DEFLATE .. ", or no extension", told(r))
    for _, name in ipairs(names(r)) do
      t:must("6455-11.4-01", name:find("^[%w!#$%%&'*+%-.^_`|~]+$"),
        "a token as the name", name)
    end
    t:note("6455-9.1-10", told(r))
    t:note("6455-9-02", told(r))
  end,
}

-- IANA's registry of extension names, of which only one ever was in use.
local registered = {
  [DEFLATE] = true, ["bbf-usp-protocol"] = true,
}

case {
  id = "extensions.registered-names",
  title = "An extension that is accepted has a registered name",
  requirements = { "6455-9.1-04" },
  run = function(t)
    local r = reference(t, DEFLATE)
    local private = 0
    for _, name in ipairs(names(r)) do
      if name:find("^x%-") then
        private = private + 1
        t:note("6455-9.1-04", "a private name: " .. name)
      else
        t:must("6455-9.1-04", registered[name], "a registered name", name)
      end
    end
    if #names(r) == 0 then
      t:must("6455-9.1-04", true, "no extension, or one of a registered name")
    elseif private == #names(r) then
      t:skip("only extensions of private names were accepted")
    end
  end,
}

-- What RFC 7692 defines, as 7.1.2 writes it; "" is no value.
local bits = "^[89]$"
local parameters = {
  server_no_context_takeover = { "^$" },
  client_no_context_takeover = { "^$" },
  server_max_window_bits = { bits, "^1[0-5]$" },
  client_max_window_bits = { bits, "^1[0-5]$" },
}

local function is_defined(name, value)
  for _, pattern in ipairs(parameters[name] or {}) do
    if value:find(pattern) then
      return true
    end
  end
  return false
end

case {
  id = "extensions.defined-parameters",
  title = "An extension is accepted with parameters that it defines",
  requirements = { "6455-9.1-05", "6455-9-04" },
  run = function(t)
    local seen = false
    for _, offer in ipairs {
      DEFLATE, DEFLATE .. "; client_max_window_bits",
      DEFLATE .. "; server_no_context_takeover; client_no_context_takeover",
    } do
      t:variant(offer, function()
        local r = t:ask { extensions = offer }
        local element = r and r.status == 101 and answer(r) or ""
        local listed = element:match("^permessage%-deflate;?(.*)$")
        seen = seen or listed
        for parameter in (listed or ""):gmatch("[^;]+") do
          local name, value = parameter:match("^([^=]*)=?(.*)$")
          t:must("6455-9.1-05", parameters[name],
            "a parameter of permessage-deflate", name)
          t:must("6455-9-04", not parameters[name] or is_defined(name, value),
            "a value that 7692 defines", parameter)
        end
        if listed then
          t:must("6455-9.1-05", true, "parameters that are defined")
        end
      end)
    end
    if not seen then
      t:skip("the server accepts no permessage-deflate")
    end
  end,
}

case {
  id = "extensions.preferred-offer",
  title = "Of several offers, the first one that is supported is preferred",
  requirements = { "6455-9.1-08" },
  info = true,
  run = function(t)
    for _, offer in ipairs {
      DEFLATE .. "; server_max_window_bits=10, " .. DEFLATE,
      DEFLATE .. ", " .. DEFLATE .. "; server_max_window_bits=10",
    } do
      t:variant(offer, function()
        local r, why = t:ask { extensions = offer }
        t:note("6455-9.1-08", told(r, why))
      end)
    end
  end,
}

case {
  id = "extensions.several-accepted",
  title = "Several accepted extensions stand in one field or in several",
  requirements = { "6455-4.2.2-24" },
  info = true,
  run = function(t)
    local r = reference(t, DEFLATE .. ", x-webkit-deflate-frame, x-foo")
    if #names(r) < 2 then
      t:skip("the server accepts fewer than two extensions: " .. told(r))
    end
    t:note("6455-4.2.2-24", #names(r) .. " extensions in " .. r:count(FIELD)
      .. " field(s)")
  end,
}

case {
  id = "extensions.two-fields",
  title = "An offer in two fields is one list",
  requirements = { "6455-9.1-03", "6455-11.3.2-01" },
  run = function(t)
    local plain = reference(t, "x-foo, " .. DEFLATE)
    local ws = t:accepts("6455-11.3.2-01", {
      extensions = "x-foo",
      add = { { FIELD, DEFLATE } },
    }, { refused = "tolerated" })
    if ws then
      local r = ws.handshake
      t:must("6455-9.1-03", only_offers(r, DEFLATE),
        told(plain), told(r))
      -- Any extension may be declined: a second field that was not read is a
      -- matter of strictness.
      t:tolerated("6455-9.1-03", answer(r) == answer(plain),
        told(plain), told(r))
      ws:finish()
    end
  end,
}

case {
  id = "extensions.whitespace",
  title = "White space between tokens and separators changes nothing",
  requirements = { "6455-4.3-10" },
  run = function(t)
    local offer = DEFLATE .. ";client_max_window_bits,x-foo"
    local plain = reference(t, offer)
    for label, space in ipairs { " ", "\t", "  " } do
      local spaced = offer:gsub("[;,]", space .. "%0" .. space)
      t:variant(({ "SP", "HTAB", "two SP" })[label], function()
        local ws = t:accepts("6455-4.3-10", { extensions = spaced })
        if ws then
          t:tolerated("6455-4.3-10",
            answer(ws.handshake) == answer(plain),
            told(plain), told(ws.handshake))
          ws:finish()
        end
      end)
    end
  end,
}

case {
  id = "extensions.empty-members",
  title = "Empty members of the list of extensions are skipped",
  requirements = { "6455-4.3-02" },
  run = function(t)
    local ws = t:accepts("6455-4.3-02",
      { extensions = ",, " .. DEFLATE .. " ," }, { refused = "tolerated" })
    if ws then
      t:must("6455-4.3-02", only_offers(ws.handshake, DEFLATE),
        DEFLATE .. ", or no extension", told(ws.handshake))
      ws:finish()
    end
  end,
}

-- A declined offer is always right, an error of the server never.
local function understood(t, req, extensions)
  local r, why = t:ask { extensions = extensions }
  local expected = "as without quotes, or declined"
  if r and r.status >= 400 and r.status < 500 then
    t:tolerated(req, false, expected, told(r))
    return nil
  end
  if must(t, req, r and r.status == 101, expected, r, why) then
    return r
  end
end

case {
  id = "extensions.quoted-value",
  title = "A quoted parameter value means what it means without quotes",
  requirements = { "6455-4.3-04" },
  run = function(t)
    for _, parameter in ipairs {
      "server_max_window_bits=", "client_max_window_bits=",
    } do
      t:variant(parameter .. '"10"', function()
        local offer = DEFLATE .. "; " .. parameter
        local r = understood(t, "6455-4.3-04", offer .. '"10"')
        if r and answer(r) ~= "" then
          local plain = reference(t, offer .. "10")
          t:must("6455-4.3-04", answer(r) == answer(plain),
            told(plain), told(r))
        end
      end)
    end
  end,
}

-- Grades the answer to an offer that must not lead to an extension.
-- `ignored`: what 101 without it is, "pass" or "tolerated".
local function refuses(t, req, extensions, ignored)
  local r, why = t:ask { extensions = extensions }
  local expected = "an HTTP error status"
  if ignored == "pass" then
    expected = expected .. ", or 101 without the extension"
  end
  local declined = r and r.status == 101 and #names(r) == 0
  local ended = not r and why ~= "timeout"
  if ended or (declined and ignored == "tolerated") then
    t:tolerated(req, false, expected, told(r, why))
  else
    must(t, req, declined or (r and r.status ~= 101), expected, r, why)
  end
end

case {
  id = "extensions.quoted-value-not-token",
  title = "A quoted value that is no token is not accepted",
  requirements = { "6455-4.3-03", "6455-9.1-02" },
  baseline = true,
  run = function(t)
    local offer = DEFLATE .. "; server_max_window_bits="
    t:variant('"1 0"', function()
      refuses(t, "6455-4.3-03", offer .. '"1 0"', "pass")
    end)
    t:variant('"a,b"', function()
      refuses(t, "6455-9.1-02", offer .. '"a,b"', "pass")
    end)
  end,
}

case {
  id = "extensions.malformed-offer",
  title = "An offer outside the grammar fails the opening handshake",
  requirements = { "6455-9.1-01" },
  baseline = true,
  run = function(t)
    for _, offer in ipairs {
      DEFLATE .. "; =1", DEFLATE .. ";;x", DEFLATE .. ";", "; foo",
      "perm@ge", "a b", '"q"',
    } do
      t:variant(offer, function()
        refuses(t, "6455-9.1-01", offer, "tolerated")
      end)
    end
  end,
}

-- Offers that a server declines: none knows the first; the second is for who
-- does not know permessage-deflate, and the third for who does (7692 7.1).
local declined = {
  "x-unknown", "x-unknown, " .. DEFLATE, DEFLATE .. "; x-unknown",
}

case {
  id = "extensions.declined-then-used",
  title = "RSV1 of an extension that was offered but declined is a fault",
  requirements = { "6455-5.2-04" },
  run = function(t)
    local used = false
    for _, offer in ipairs(declined) do
      t:variant(offer, function()
        local r, _, ws = t:ask { extensions = offer }
        if r and r.status == 101 and answer(r) == "" then
          used = true
          ws:upgrade()
          ws:text("\xF2\x48\xCD\xC9\xC9\x07\x00", { rsv = 4 })
          ws:expect_failed(1002, { req = "6455-5.2-04" })
        end
      end)
    end
    if not used then
      t:skip("no offer was declined")
    end
  end,
}
