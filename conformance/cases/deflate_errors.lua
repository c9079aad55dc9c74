-- permessage-deflate: what a server has to refuse (RFC 7692, sections 6 and
-- 7.2.2), and what it has to survive.
--
-- Left out of the table:
--   EX-08  RSV1 of an extension that was declined: extensions.declined-then-used.
--   ER-10  a limit that the operator has set: nobody but he knows it.

local HELLO = "\xF2\x48\xCD\xC9\xC9\x07\x00"

case {
  id = "deflate.rsv1-on-continuation",
  title = "A continuation frame with RSV1 is a fault",
  requirements = { "7692-6.1-05" },
  since = "1.0",
  run = function(t)
    t:variant("of a compressed message", function()
      local ws = t:open_deflate()
      ws:text(HELLO:sub(1, 3), { rsv = 4, fin = false })
      ws:continuation(HELLO:sub(4), { rsv = 4 })
      ws:expect_failed(1002, { req = "7692-6.1-05" })
    end)
    t:variant("of a message that is not compressed", function()
      local ws = t:open_deflate()
      ws:text("Hel", { fin = false })
      ws:continuation("lo", { rsv = 4 })
      ws:expect_failed(1002, { req = "7692-6.1-05" })
    end)
  end,
}

case {
  id = "deflate.rsv1-on-control",
  title = "A control frame with RSV1 is a fault",
  requirements = { "7692-6.1-04" },
  since = "1.0",
  run = function(t)
    t:variant("ping", function()
      local ws = t:open_deflate()
      ws:ping("x", { rsv = 4 })
      ws:expect_failed(1002, { req = "7692-6.1-04" })
    end)
    t:variant("pong", function()
      local ws = t:open_deflate()
      ws:pong("x", { rsv = 4 })
      ws:expect_failed(1002, { req = "7692-6.1-04" })
    end)
    t:variant("Close", function()
      local ws = t:open_deflate()
      ws:close(1000, "", { rsv = 4 })
      ws:expect_failed(1002,
        { req = "7692-6.1-04", ordinary_close = "tolerated" })
    end)
  end,
}

case {
  id = "deflate.rsv2-rsv3",
  title = "RSV2 and RSV3 stay faults beside permessage-deflate",
  requirements = { "6455-5.2-05" },
  since = "1.0",
  run = function(t)
    for _, rsv in ipairs { 1, 2, 3, 5, 6, 7 } do
      t:variant("bits " .. rsv, function()
        local ws = t:open_deflate()
        ws:text(rsv >= 4 and HELLO or "Hello", { rsv = rsv })
        ws:expect_failed(1002, { req = "6455-5.2-05" })
      end)
    end
    t:variant("on a ping", function()
      local ws = t:open_deflate()
      ws:ping("x", { rsv = 2 })
      ws:expect_failed(1002, { req = "6455-5.2-05" })
    end)
  end,
}

-- RFC 7692 names no status code for such data.
local CODES = { 1002, 1003, 1007, 1011 }

case {
  id = "deflate.bad-data",
  title = "Data that do not inflate are a fault, and none of them is delivered",
  requirements = { "7692-6.2-03" },
  since = "1.0",
  run = function(t)
    local stored = deflate.stored("Hello")
    local variants = {
      { "a block of type 3", "\xFF\xFF\xFF\xFF\xFF" },
      { "a match behind the window", deflate.fixed { { 3, 1 } } },
      { "a match behind the window, after text",
        deflate.fixed { "partial", { 10, 100 } } },
      { "a stored block whose lengths differ",
        stored:sub(1, 3) .. "\x00\x00" .. stored:sub(6) },
      { "a distance code that does not exist", "\x4B\x64\x7A" },
    }
    for _, variant in ipairs(variants) do
      t:variant(variant[1], function()
        local ws = t:open_deflate()
        ws:text(variant[2], { rsv = 4 })
        ws:expect_failed(CODES, { req = "7692-6.2-03", offence = "message" })
      end)
    end
  end,
}

-- No sentence asks for this, so it is a matter of strictness: 7.2.2 puts 00 00
-- FF FF behind whatever came, and who asks zlib for no more than what it has
-- got takes some of these octets for data.
case {
  id = "deflate.truncated-data",
  title = "A message that ends inside a block is not delivered",
  requirements = { "7692-6.2-03" },
  since = "1.0",
  run = function(t)
    local variants = {
      { "a fixed block", HELLO:sub(1, 4) },
      { "a stored block", "\x00\x64\x00\x9B\xFFpartial" },
      { "the codes of a dynamic block",
        deflate.dynamic({ "partial " .. t.nonce }):sub(1, 8) },
    }
    for _, variant in ipairs(variants) do
      t:variant(variant[1], function()
        local ws = t:open_deflate()
        ws:binary(variant[2], { rsv = 4 })
        ws:expect_failed(CODES, {
          req = "7692-6.2-03", offence = "message", accepted = "tolerated",
        })
      end)
    end
  end,
}

case {
  id = "deflate.bad-data-later",
  title = "Data that do not inflate are a fault behind good ones too",
  requirements = { "7692-6.2-03" },
  needs = { "echo" },
  since = "1.0",
  run = function(t)
    local ws = t:open_deflate()
    ws:text("good " .. t.nonce, { deflate = true })
    ws:expect_text("good " .. t.nonce, { req = "7692-6.2-03" })
    ws:binary("\xFF\xFF\xFF\xFF\xFF", { rsv = 4 })
    ws:expect_failed(CODES, { req = "7692-6.2-03", offence = "message" })
  end,
}

case {
  id = "deflate.invalid-utf8",
  title = "Compressed text that becomes invalid UTF-8 is a fault",
  requirements = { "7692-6.1-07" },
  since = "1.0",
  run = function(t)
    for _, variant in ipairs {
      { "a surrogate", "\xED\xA0\x80" }, { "overlong", "\xC0\xAF" },
      { "FF behind text", "abc\xFF" }, { "an unfinished character", "ab\xE2\x82" },
    } do
      t:variant(variant[1], function()
        local ws = t:open_deflate()
        ws:text(deflate.fixed { variant[2] }, { rsv = 4 })
        ws:expect_failed(1007, { req = "7692-6.1-07", offence = "message" })
      end)
    end
    t:variant("in the second of two fragments", function()
      local ws = t:open_deflate()
      local octets = deflate.fixed { "fragments \xED\xA0\x80" }
      ws:text(octets:sub(1, 6), { rsv = 4, fin = false })
      ws:continuation(octets:sub(7))
      ws:expect_failed(1007, { req = "7692-6.1-07", offence = "message" })
    end)
  end,
}

local function ended(event)
  return event.kind == "close" or event.kind == "fin" or event.kind == "rst"
end

-- Each piece begins with an octet of its own and is zeros from there, so that it
-- can be repeated; only the last one is cut at its end (7.2.1).
case {
  id = "deflate.bomb",
  title = "A message of 1 MiB that becomes 1 GiB is refused or read, without a crash",
  requirements = { "6455-10.4-01" },
  tags = { "slow", "robustness" },
  since = "1.0",
  weight = 8,
  run = function(t)
    local ws = t:open_deflate()
    local piece = ws:deflated(("\0"):rep(1048576))
    ws:binary((piece .. "\x00\x00\xFF\xFF"):rep(1023) .. piece, { rsv = 4 })
    local event
    repeat
      event = ws:next { timeout = 60 }
    until ended(event) or event.kind == "binary" or event.kind == "timeout"
    t:must("6455-10.4-01", event.kind ~= "timeout",
      "the connection ends, or an echo comes", "neither in time",
      event.kind == "timeout")
    t:note("6455-10.4-01", event.kind == "close"
      and "the message gets Close " .. event.code or event.kind)
    local another = t:open()
    local alive = another:alive()
    t:must("6455-10.4-01", alive, "a new connection is served afterwards",
      "no pong in time", not alive)
    another:finish()
  end,
}
