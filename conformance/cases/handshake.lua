-- The opening handshake as a server sees it: RFC 6455, 4.2, 4.3, 4.4.
-- How its head may be written and may arrive is in handshake_head.lua.
--
-- Left out of the table of server handshakes:
--   HS-30  a wss port that is spoken to in clear or in TLS 1.0: TLS is the
--          runner's own variant, a case does not choose the transport.

-- RFC 6455 1.3, and the key of 4.1 as corrected by erratum 3150.
local KEY = "dGhlIHNhbXBsZSBub25jZQ=="
local ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
local OTHER_KEY = "AQIDBAUGBwgJCgsMDQ4PEA=="
local OTHER_ACCEPT = "C/0nmHhBztSRGR1CwL6Tf4ZjwpY="

-- A MUST about a response; one that did not come in time rests on absence.
local function must(t, req, cond, expected, r, why)
  local late = why == "timeout"
  return t:must(req, cond and not late, expected, t:told(r, why), late)
end

local function trim(s)
  return (s:gsub("^[ \t]+", ""):gsub("[ \t]+$", ""))
end

local function members(values)
  local list = {}
  for _, value in ipairs(values) do
    for member in value:gmatch("[^,]+") do
      list[#list + 1] = trim(member)
    end
  end
  return list
end

local function has(list, wanted)
  for _, value in ipairs(list) do
    if value == wanted then
      return true
    end
  end
  return false
end

local function finish(ws)
  if ws then
    ws:finish()
  end
end

-- The answer -----------------------------------------------------------------

-- What a browser sends beside the baseline.
local browser = {
  { "User-Agent", "Mozilla/5.0 (X11; Linux x86_64) wsspec" },
  { "Accept", "*/*" },
  { "Accept-Language", "en-US,en;q=0.5" },
  { "Accept-Encoding", "gzip, deflate, br" },
  { "Pragma", "no-cache" },
  { "Cache-Control", "no-cache" },
  { "Sec-Fetch-Dest", "websocket" },
  { "Sec-Fetch-Mode", "websocket" },
}

case {
  id = "handshake.valid-request",
  title = "A valid opening request is answered with 101",
  requirements = { "6455-4.2.2-17", "6455-4.2.2-01" },
  run = function(t)
    for _, entry in ipairs {
      { "the fields that must be there", {} },
      { "a key of zero octets", { key = "AAAAAAAAAAAAAAAAAAAAAA==" } },
      { "a key of / and +", { key = "////+v///v/7+v//+v//Aw==" } },
      { "as a browser writes it", { add = browser } },
    } do
      t:variant(entry[1], function()
        local r, why = t:ask(entry[2])
        must(t, "6455-4.2.2-01", r, "an HTTP response", r, why)
        must(t, "6455-4.2.2-17", r and r.status == 101, "status 101", r, why)
      end)
    end
  end,
}

-- Whoever demands credentials, or redirects, in answer to the request of every
-- case does not come this far: the sanity check says so.
case {
  id = "handshake.conditions",
  title = "Whether the server demands authentication, or redirects",
  requirements = { "6455-4.2.2-04", "6455-4.2.2-05" },
  info = true,
  run = function(t)
    local r, why = t:ask {}
    t:note("6455-4.2.2-04", t:told(r, why))
    t:note("6455-4.2.2-05", t:told(r, why))
  end,
}

case {
  id = "handshake.response-framing",
  title = "The 101 is a well-formed HTTP/1.1 response without a body",
  requirements = { "6455-4.2.2-16" },
  run = function(t)
    local ws = t:open()
    local r = ws.handshake
    local req = "6455-4.2.2-16"
    t:tolerated(req, r.version == "1.1", "HTTP/1.1", "HTTP/" .. r.version)
    t:tolerated(req, #r:quirks() == 0, "no syntax error in the head",
      table.concat(r:quirks(), ", "))
    -- RFC 9110 8.6 and RFC 9112 6.1: not in a response with status 1xx.
    for _, name in ipairs { "Content-Length", "Transfer-Encoding" } do
      t:tolerated(req, r:count(name) == 0, "no " .. name,
        name .. ": " .. (r:get(name, 1) or ""))
    end
    ws:finish()
  end,
}

case {
  id = "handshake.response-upgrade",
  title = "The 101 has one Upgrade field, and it says websocket",
  requirements = { "6455-4.2.2-18" },
  run = function(t)
    local ws = t:open()
    local values = ws.handshake:all("Upgrade")
    local req = "6455-4.2.2-18"
    t:must(req, #values == 1, "one Upgrade field", #values .. " fields")
    t:must(req, values[1] and trim(values[1]):lower() == "websocket",
      "Upgrade: websocket", "Upgrade: " .. (values[1] or "(absent)"))
    ws:finish()
  end,
}

case {
  id = "handshake.response-connection",
  title = "The Connection field of the 101 contains Upgrade",
  requirements = { "6455-4.2.2-19" },
  run = function(t)
    local ws = t:open()
    local r = ws.handshake
    t:must("6455-4.2.2-19", r:has_token("Connection", "upgrade"),
      "Connection: Upgrade",
      "Connection: " .. table.concat(r:all("Connection"), " | "))
    ws:finish()
  end,
}

case {
  id = "handshake.accept-once",
  title = "The 101 has exactly one Sec-WebSocket-Accept, 28 characters long",
  requirements = { "6455-11.3.3-01", "6455-4.2.2-22" },
  run = function(t)
    local ws = t:open()
    local values = ws.handshake:all("Sec-WebSocket-Accept")
    local value = trim(values[1] or "")
    t:must("6455-11.3.3-01", #values == 1, "one Sec-WebSocket-Accept",
      #values .. " fields")
    t:must("6455-4.2.2-22", #value == 28 and value:find("^[%w+/]+=$"),
      "base64 of 20 octets", value)
    ws:finish()
  end,
}

case {
  id = "handshake.accept-value",
  title = "Sec-WebSocket-Accept is the hash of the key and the GUID",
  requirements = { "6455-4.2.2-20" },
  run = function(t)
    local req = "6455-4.2.2-20"
    local known = { [KEY] = ACCEPT, [OTHER_KEY] = OTHER_ACCEPT }
    for _, key in ipairs { KEY, OTHER_KEY } do
      t:variant(key, function()
        local ws = t:open { key = key }
        local got = trim(ws.handshake:get("Sec-WebSocket-Accept", 1) or "")
        t:must(req, got == known[key], known[key], got)
        ws:finish()
      end)
    end
    for _, label in ipairs { "fresh key", "another fresh key" } do
      t:variant(label, function()
        finish(t:accepts(req, {}))
      end)
    end
  end,
}

case {
  id = "handshake.key-surrounding-whitespace",
  title = "White space around the key is not part of the key",
  requirements = { "6455-4.2.2-21" },
  run = function(t)
    local req = "6455-4.2.2-21"
    local padded = { ["Sec-WebSocket-Key"] = "   " .. KEY .. "  \t" }
    local r, why = t:ask { set = padded }
    if r and r.status == 101 then
      local got = r:get("Sec-WebSocket-Accept", 1) or ""
      t:must(req, trim(got) == ACCEPT, ACCEPT, got)
    else
      t:tolerated(req, false, "status 101", t:told(r, why))
    end
  end,
}

-- The request line -----------------------------------------------------------

case {
  id = "handshake.method",
  title = "Only GET opens a connection",
  requirements = { "6455-4.2.1-02" },
  baseline = true,
  run = function(t)
    local empty = { { "Content-Length", "0" } }
    for _, method in ipairs { "POST", "PUT" } do
      t:variant(method, function()
        t:rejects("6455-4.2.1-02", { method = method, add = empty })
      end)
    end
    for _, method in ipairs { "HEAD", "get" } do
      t:variant(method, function()
        t:rejects("6455-4.2.1-02", { method = method })
      end)
    end
  end,
}

case {
  id = "handshake.http-1.0",
  title = "A request in HTTP/1.0 is rejected",
  requirements = { "6455-4.2.1-03" },
  baseline = true,
  run = function(t)
    t:rejects("6455-4.2.1-03", { version = "HTTP/1.0" },
      { accepted = "tolerated" })
  end,
}

case {
  id = "handshake.query",
  title = "A query in the request-target still leads to the resource",
  requirements = { "6455-4.2.1-04", "6455-4.2.2-17" },
  run = function(t)
    local path = t.target.path
    local mark = path:find("?", 1, true) and "&" or "?"
    local r, why = t:ask { target = path .. mark .. "wsspec=1" }
    -- Which resource that is, is the server's own affair; but who answers the
    -- key has accepted, and says so by the status.
    if r and r:count("Sec-WebSocket-Accept") > 0 then
      t:must("6455-4.2.2-17", r.status == 101, "status 101", t:told(r))
    end
    t:note("6455-4.2.1-04", t:told(r, why))
    if not r or r.status ~= 101 then
      t:skip("the server has no resource under that query: " .. t:told(r, why))
    end
  end,
}

case {
  id = "handshake.absolute-form",
  title = "An absolute http request-target is understood",
  requirements = { "6455-4.2.1-05" },
  run = function(t)
    local target = "http://" .. t.target.host .. t.target.path
    finish(t:accepts("6455-4.2.1-05", { target = target },
      { refused = "tolerated" }))
  end,
}

case {
  id = "handshake.unknown-resource",
  title = "What the server says to a resource that it does not have",
  requirements = { "6455-4.2.2-10" },
  info = true,
  run = function(t)
    local target = ("/no-such-%08x"):format(t.rng:int(0, 0xffffffff))
    local r, why = t:ask { target = target }
    t:note("6455-4.2.2-10", t:told(r, why))
  end,
}

-- Host -----------------------------------------------------------------------

case {
  id = "handshake.no-host",
  title = "A request without Host is rejected",
  requirements = { "6455-4.2.1-06" },
  baseline = true,
  run = function(t)
    t:rejects("6455-4.2.1-06", { drop = { "Host" } },
      { accepted = "tolerated" })
  end,
}

case {
  id = "handshake.foreign-host",
  title = "What the server says to the authority of somebody else",
  requirements = { "6455-4.2.1-07" },
  info = true,
  run = function(t)
    local r, why = t:ask { set = { Host = "wrong.invalid" } }
    t:note("6455-4.2.1-07", t:told(r, why))
  end,
}

case {
  id = "handshake.two-hosts",
  title = "What the server says to two Host fields",
  requirements = { "6455-10.7-04" },
  info = true,
  run = function(t)
    for _, host in ipairs { t.target.host, "wrong.invalid" } do
      local label = host == t.target.host and "equal" or "different"
      t:variant(label, function()
        local r, why = t:ask { add = { { "Host", host } } }
        t:note("6455-10.7-04", t:told(r, why))
      end)
    end
  end,
}

-- Upgrade and Connection -----------------------------------------------------

case {
  id = "handshake.no-upgrade",
  title = "A request without Upgrade does not open a connection",
  requirements = { "6455-4.2.1-08" },
  baseline = true,
  run = function(t)
    t:rejects("6455-4.2.1-08", { drop = { "Upgrade" } })
  end,
}

case {
  id = "handshake.other-upgrade",
  title = "An Upgrade to something else does not open a connection",
  requirements = { "6455-4.2.1-09" },
  baseline = true,
  run = function(t)
    for _, value in ipairs { "h2c", "websockets", "" } do
      t:variant("Upgrade: " .. value, function()
        t:rejects("6455-4.2.1-09", { set = { Upgrade = value } })
      end)
    end
  end,
}

case {
  id = "handshake.upgrade-list",
  title = "What the server says to websocket behind another protocol",
  requirements = { "6455-4.2.1-09" },
  info = true,
  run = function(t)
    local r, why = t:ask { set = { Upgrade = "foo, websocket" } }
    t:note("6455-4.2.1-09", t:told(r, why))
  end,
}

case {
  id = "handshake.upgrade-letter-case",
  title = "The letter case of websocket does not matter",
  requirements = { "6455-4.2.1-10" },
  run = function(t)
    for _, value in ipairs { "WEBSOCKET", "WebSocket" } do
      t:variant(value, function()
        finish(t:accepts("6455-4.2.1-10", { set = { Upgrade = value } }))
      end)
    end
  end,
}

case {
  id = "handshake.upgrade-folds-ascii-only",
  title = "U+017F is not a letter s of websocket",
  requirements = { "6455-2.1-02" },
  baseline = true,
  run = function(t)
    t:rejects("6455-2.1-02", { set = { Upgrade = "web\u{17F}ocket" } })
  end,
}

case {
  id = "handshake.no-connection-upgrade",
  title = "A request whose Connection lacks Upgrade is rejected",
  requirements = { "6455-4.2.1-11" },
  baseline = true,
  run = function(t)
    local softly = { accepted = "tolerated" }
    t:variant("no Connection", function()
      t:rejects("6455-4.2.1-11", { drop = { "Connection" } }, softly)
    end)
    for _, value in ipairs { "keep-alive", "close" } do
      t:variant("Connection: " .. value, function()
        t:rejects("6455-4.2.1-11", { set = { Connection = value } }, softly)
      end)
    end
  end,
}

case {
  id = "handshake.connection-list",
  title = "Connection may list other options and write Upgrade in any case",
  requirements = { "6455-4.2.1-12" },
  run = function(t)
    local req = "6455-4.2.1-12"
    t:variant("keep-alive, UPGRADE", function()
      local value = "keep-alive, UPGRADE"
      finish(t:accepts(req, { set = { Connection = value } }))
    end)
    t:variant("no space behind the colon", function()
      local request = t:request {}
      finish(t:accepts(req, (request:gsub("Connection: ", "Connection:", 1))))
    end)
    t:variant("two fields", function()
      finish(t:accepts(req, {
        set = { Connection = "keep-alive" },
        add = { { "Connection", "Upgrade" } },
      }, { refused = "tolerated" }))
    end)
  end,
}

-- Sec-WebSocket-Key ----------------------------------------------------------

case {
  id = "handshake.no-key",
  title = "A request without Sec-WebSocket-Key is rejected",
  requirements = { "6455-4.2.1-13" },
  baseline = true,
  run = function(t)
    t:rejects("6455-4.2.1-13", { drop = { "Sec-WebSocket-Key" } })
  end,
}

case {
  id = "handshake.malformed-is-told",
  title = "A malformed request gets an HTTP error, not just the end of TCP",
  requirements = { "6455-4.2.1-01", "6455-7.2.2-01" },
  baseline = true,
  run = function(t)
    local r = t:rejects("6455-4.2.1-01", { drop = { "Sec-WebSocket-Key" } })
    -- 4.2.1 wants an HTTP error, 7.2.2 says "MUST simply close": the choice
    -- between them is recorded, not judged.
    t:note("6455-7.2.2-01", r and t:told(r) or "no HTTP response")
  end,
}

case {
  id = "handshake.key-length",
  title = "A key that is not the base64 of 16 octets is rejected",
  requirements = { "6455-4.2.1-14" },
  baseline = true,
  run = function(t)
    local req = "6455-4.2.1-14"
    local function rejected(label, key, accepted)
      t:variant(label, function()
        t:rejects(req, { set = { ["Sec-WebSocket-Key"] = key } },
          { accepted = accepted })
      end)
    end
    rejected("empty", "", "fail")
    -- 4.2.2: the server need not decode the key.
    rejected("15 octets", "AQIDBAUGBwgJCgsMDQ4P", "tolerated")
    rejected("17 octets", "AQIDBAUGBwgJCgsMDQ4PEBE=", "tolerated")
    rejected("no base64", ("!"):rep(24), "tolerated")
  end,
}

case {
  id = "handshake.two-keys",
  title = "A request with two keys is rejected",
  requirements = { "6455-11.3.1-02" },
  baseline = true,
  run = function(t)
    for _, second in ipairs { KEY, OTHER_KEY } do
      t:variant(second == KEY and "equal" or "different", function()
        t:rejects("6455-11.3.1-02", {
          key = KEY,
          add = { { "Sec-WebSocket-Key", second } },
        }, { accepted = "tolerated" })
      end)
    end
  end,
}

-- Sec-WebSocket-Version ------------------------------------------------------

local function version(value)
  return { set = { ["Sec-WebSocket-Version"] = value } }
end

case {
  id = "handshake.no-version",
  title = "A request without Sec-WebSocket-Version is rejected",
  requirements = { "6455-4.2.1-15" },
  baseline = true,
  run = function(t)
    t:rejects("6455-4.2.1-15", { drop = { "Sec-WebSocket-Version" } },
      { accepted = "tolerated" })
  end,
}

case {
  id = "handshake.unsupported-version",
  title = "A version that nobody speaks is rejected",
  requirements = { "6455-4.2.2-08" },
  baseline = true,
  run = function(t)
    for _, value in ipairs { "99", "0", "14", "255" } do
      t:variant("version " .. value, function()
        t:rejects("6455-4.2.2-08", version(value))
      end)
    end
  end,
}

case {
  id = "handshake.supported-versions-told",
  title = "The rejection of a version lists the versions that are spoken",
  requirements = {
    "6455-4.2.2-09", "6455-4.4-01", "6455-4.3-09", "6455-11.6-01",
    "6455-11.3.5-01",
  },
  baseline = true,
  run = function(t)
    local r, why = t:ask(version("99"))
    if not r or r.status == 101 then
      t:skip("there is no error response to look at: " .. t:told(r, why))
    end
    local lines = r:all("Sec-WebSocket-Version")
    local listed = members(lines)
    local got = #lines == 0 and "no such field" or table.concat(lines, " | ")
    t:must("6455-4.2.2-09", has(listed, "13"),
      "Sec-WebSocket-Version with 13", got)
    if #lines == 0 then
      return
    end
    t:must("6455-4.4-01", not has(listed, "99"),
      "only versions that are accepted", got)
    for _, number in ipairs(listed) do
      local plain = number == "0" or number:find("^[1-9]%d?%d?$")
      t:must("6455-4.3-09", plain, "a number without leading zero", number)
      t:must("6455-11.6-01", plain and tonumber(number) <= 255,
        "a number from 0 to 255", number)
    end
    t:note("6455-11.3.5-01", #lines .. " Sec-WebSocket-Version field(s)")
  end,
}

case {
  id = "handshake.version-grammar",
  title = "A version outside the grammar is rejected",
  requirements = { "6455-4.3-08" },
  baseline = true,
  run = function(t)
    for _, value in ipairs {
      "013", "13.0", "+13", "13abc", "13, 8", "256", "abc",
    } do
      t:variant(value, function()
        t:rejects("6455-4.3-08", version(value), { accepted = "tolerated" })
      end)
    end
  end,
}

case {
  id = "handshake.two-versions",
  title = "A request with two Sec-WebSocket-Version fields is rejected",
  requirements = { "6455-11.3.5-03" },
  baseline = true,
  run = function(t)
    t:rejects("6455-11.3.5-03",
      { add = { { "Sec-WebSocket-Version", "8" } } },
      { accepted = "tolerated" })
  end,
}
