-- permessage-deflate: offers and answers (RFC 7692, sections 5 and 7).
--
-- Declining is always the server's right. What EX says of extensions as such
-- (grammar, white space, several fields) is in extensions.lua.

local NAME = "permessage-deflate"
local FIELD = "Sec-WebSocket-Extensions"

-- Rows that t:judge_agreement may cite.
local AGREEMENT = {
  "7692-4-02", "7692-5-09", "7692-7.1.1.1-02", "7692-7.1.1.1-03",
  "7692-7.1.1.2-03", "7692-7.1.2.1-03", "7692-7.1.2.1-05", "7692-7.1.2.1-06",
  "7692-7.1.2.2-04", "7692-7.1.2.2-05", "7692-7.1.2.2-06",
}

local function rows(...)
  local list = { ... }
  table.move(AGREEMENT, 1, #AGREEMENT, #list + 1, list)
  return list
end

local function told(t, r, why)
  if not r or r.status ~= 101 then
    return t:told(r, why)
  elseif r:count(FIELD) == 0 then
    return "101 without " .. FIELD
  end
  return "101, " .. FIELD .. ": " .. table.concat(r:all(FIELD), " | ")
end

-- Whether the answer lists permessage-deflate, in whatever form.
local function listed(r)
  return table.concat(r:all(FIELD), ","):find(NAME, 1, true) ~= nil
end

-- The 101 to a list with a valid offer, or nil. An error of the server is no way
-- to decline (7), an error of the request is one that nobody made. `mixed`: there
-- is an invalid offer in the list too, at which an error status is non-strict.
local function answer(t, req, offer, mixed)
  local r, why = t:ask { extensions = offer }
  local expected = "101, with the extension or without"
  if r and r.status == 101 then
    return r
  elseif why == "timeout" then
    t:absent(req, "must", expected, told(t, r, why))
  elseif r and (mixed or r.status < 500) then
    t:tolerated(req, false, expected, told(t, r, why))
  else
    t:must(req, false, expected, told(t, r, why))
  end
end

-- The agreement that answers such a list, or nil: declined.
local function agreement(t, req, offer, mixed)
  local r = answer(t, req, offer, mixed)
  return r and t:judge_agreement(req, r, offer), r
end

case {
  id = "deflate.plain-offer",
  title = "An offer without parameters is answered within its terms",
  requirements = rows("7692-7.1.1.1-05", "7692-7.1.1.2-02", "7692-7.1.2.1-07"),
  since = "1.0",
  run = function(t)
    local got = agreement(t, "7692-5-09", NAME)
    if not got then
      t:skip("permessage-deflate is declined")
    end
    local function told_of(req, name, value)
      t:note(req, name .. " unasked: " .. tostring(value))
    end
    told_of("7692-7.1.1.1-05", "server_no_context_takeover",
      got.server_no_context_takeover)
    told_of("7692-7.1.1.2-02", "client_no_context_takeover",
      got.client_no_context_takeover)
    told_of("7692-7.1.2.1-07", "server_max_window_bits",
      got.server_max_window_bits)
  end,
}

case {
  id = "deflate.server-takeover-offered",
  title = "server_no_context_takeover is agreed to by repeating it",
  requirements = rows("7692-7.1.1.1-04"),
  since = "1.0",
  run = function(t)
    t:open_deflate():finish()
    local got = agreement(t, "7692-7.1.1.1-03",
      NAME .. "; server_no_context_takeover")
    t:should("7692-7.1.1.1-04", got, "an agreement", "the offer is declined")
  end,
}

case {
  id = "deflate.client-takeover-offered",
  title = "The hint client_no_context_takeover is answered in its form",
  requirements = rows("7692-7.1.1.2-02"),
  since = "1.0",
  run = function(t)
    local got = agreement(t, "7692-7.1.1.2-03",
      NAME .. "; client_no_context_takeover")
    if not got then
      t:skip("the offer is declined")
    end
    t:note("7692-7.1.1.2-02", "client_no_context_takeover as hinted: "
      .. tostring(got.client_no_context_takeover))
  end,
}

-- Without the parameter in the answer the server has promised nothing, so an
-- offer that it cannot keep has to be declined.
case {
  id = "deflate.server-bits-offered",
  title = "Each server_max_window_bits is declined, or agreed to by the same or a smaller value",
  requirements = rows("7692-7-04", "7692-7.1.2.1-04"),
  since = "1.0",
  run = function(t)
    for bits = 8, 15 do
      local offer = NAME .. "; server_max_window_bits=" .. bits
      t:variant("server_max_window_bits=" .. bits, function()
        local r = answer(t, "7692-7-04", offer)
        if r and listed(r) then
          t:must("7692-7.1.2.1-04",
            told(t, r):find("server_max_window_bits", 1, true),
            "the parameter, or no agreement", told(t, r))
          t:judge_agreement("7692-7.1.2.1-05", r, offer)
        elseif r then
          t:must("7692-7-04", true, "declined or agreed to")
        end
      end)
    end
  end,
}

case {
  id = "deflate.client-bits-offered",
  title = "The hint client_max_window_bits is ignored, or answered by no larger value",
  requirements = rows("7692-7.1.2.2-03"),
  since = "1.0",
  run = function(t)
    for _, hint in ipairs { "", "=8", "=10", "=15" } do
      t:variant("client_max_window_bits" .. hint, function()
        local got, r = agreement(t, "7692-7.1.2.2-05",
          NAME .. "; client_max_window_bits" .. hint)
        if got then
          t:note("7692-7.1.2.2-03", told(t, r))
        end
      end)
    end
  end,
}

case {
  id = "deflate.every-parameter-offered",
  title = "An offer with every parameter is answered in all its terms",
  requirements = rows(),
  since = "1.0",
  run = function(t)
    local offer = NAME .. "; server_no_context_takeover"
      .. "; client_no_context_takeover; server_max_window_bits=10"
      .. "; client_max_window_bits=11"
    if not agreement(t, "7692-5-09", offer) then
      t:skip("the offer is declined")
    end
  end,
}

case {
  id = "deflate.quoted-value",
  title = "A parameter value in quotes is what it is without them",
  requirements = rows("7692-5.2-01"),
  since = "1.0",
  run = function(t)
    local offer = NAME .. '; server_max_window_bits="10"'
    local got, r = agreement(t, "7692-5.2-01", offer)
    if not r then
      return
    end
    t:must("7692-5.2-01", not got or got.server_max_window_bits <= 10,
      "no window of more than 10 bits, or no agreement", told(t, r))
  end,
}

-- An offer that has to be declined. `accepted`: what an agreement is, "fail" or
-- "tolerated"; `status`: what an error status is.
local function declined(t, req, offer, opts)
  local expected = "101 without " .. NAME
  local r, why = t:ask { extensions = offer }
  if r and r.status == 101 then
    local judge = opts.accepted == "tolerated" and t.tolerated or t.must
    judge(t, req, not listed(r), expected, told(t, r))
  elseif why == "timeout" then
    t:absent(req, "must", expected, told(t, r, why))
  elseif r and opts.status == "pass" then
    t:must(req, true, expected .. ", or an error status")
  else
    t:tolerated(req, false, expected, told(t, r, why))
  end
end

local function invalid(c)
  case {
    id = c.id,
    title = c.title,
    requirements = { c.req },
    since = "1.0",
    baseline = true,
    run = function(t)
      for _, variant in ipairs(c.offers) do
        t:variant(variant[1], function()
          declined(t, c.req, NAME .. "; " .. variant[1], variant)
        end)
      end
    end,
  }
end

invalid {
  id = "deflate.unknown-parameter",
  title = "An offer with a parameter that RFC 7692 does not define is declined",
  req = "7692-7-01",
  offers = {
    { "foo" }, { "foo=1" }, { "server_max_window_bits=10; foo" },
    { "server_max_windowbits=10" },
  },
}

-- 08 matches 1*DIGIT, and a value is read as a number by many. An empty value
-- is outside the grammar of the field, where 6455-9.1 asks for an error.
invalid {
  id = "deflate.invalid-value",
  title = "An offer with a value that its parameter cannot have is declined",
  req = "7692-7-02",
  offers = {
    { "server_max_window_bits=7" }, { "server_max_window_bits=16" },
    { "server_max_window_bits=0" }, { "server_max_window_bits=1e1" },
    { "server_max_window_bits=08", accepted = "tolerated" },
    { "server_max_window_bits=", status = "pass" },
    { "server_max_window_bits" },
    { "client_max_window_bits=7" }, { "client_max_window_bits=16" },
    { "client_max_window_bits=08", accepted = "tolerated" },
    { "server_no_context_takeover=1" }, { "client_no_context_takeover=x" },
  },
}

invalid {
  id = "deflate.repeated-parameter",
  title = "An offer that has a parameter twice is declined",
  req = "7692-7-03",
  offers = {
    { "server_no_context_takeover; server_no_context_takeover" },
    { "client_no_context_takeover; client_no_context_takeover" },
    { "server_max_window_bits=10; server_max_window_bits=10" },
    { "server_max_window_bits=10; server_max_window_bits=12" },
    { "client_max_window_bits; client_max_window_bits=10" },
  },
}

case {
  id = "deflate.fallback-offer",
  title = "Of a list only an offer that is valid is agreed to",
  requirements = rows("7692-5-02", "7692-7-01"),
  since = "1.0",
  run = function(t)
    local bare = agreement(t, "7692-5-09", NAME)
    for _, first in ipairs { "foo", "server_max_window_bits=7" } do
      t:variant(first, function()
        local offer = NAME .. "; " .. first .. ", " .. NAME
        local got, r = agreement(t, "7692-7-01", offer, true)
        if r then
          t:note("7692-5-02", told(t, r))
        end
        if not got and not bare then
          t:skip("permessage-deflate is declined")
        end
      end)
    end
  end,
}

case {
  id = "deflate.offer-order",
  title = "The first offer that the server supports is the one it takes",
  requirements = rows("7692-5-02", "7692-5-04"),
  since = "1.0",
  run = function(t)
    local first = NAME .. "; server_no_context_takeover"
    local ws = t:open_deflate(first)
    if not ws.deflate.server_no_context_takeover then
      t:skip("server_no_context_takeover is not agreed to")
    end
    ws:finish()
    local got, r = agreement(t, "7692-5-09", first .. ", " .. NAME)
    if r then
      t:note("7692-5-02", told(t, r))
      t:should("7692-5-04", got and got.server_no_context_takeover,
        "an answer to the first offer", told(t, r))
    end
  end,
}

case {
  id = "deflate.declined-not-listed",
  title = "Who declines all offers lists no extension",
  requirements = { "7692-5-14" },
  since = "1.0",
  baseline = true,
  run = function(t)
    declined(t, "7692-5-14", NAME .. "; bogus=1, " .. NAME .. "; bogus=2",
      { status = "pass" })
  end,
}

-- Long enough, and regular enough, for anybody who would compress it.
local function regular(t)
  return (t.nonce .. " "):rep(20)
end

case {
  id = "deflate.declined-not-used",
  title = "When all offers are declined messages travel as they are",
  requirements = { "7692-5-15" },
  needs = { "echo" },
  since = "1.0",
  run = function(t)
    local r, why, ws = t:ask { extensions = NAME .. "; bogus=1" }
    if not r or r.status ~= 101 or listed(r) then
      t:skip("the offer is not declined: " .. told(t, r, why))
    end
    ws:upgrade()
    ws:text(regular(t))
    ws:expect_text(regular(t), { req = "7692-5-15" })
    ws:finish()
  end,
}

case {
  id = "deflate.named-when-used",
  title = "Who compresses has said so in the opening handshake",
  requirements = { "7692-5-07" },
  needs = { "echo" },
  since = "1.0",
  run = function(t)
    local r, why, ws = t:ask { extensions = NAME }
    if not r or r.status ~= 101 then
      t:skip("the offer is refused: " .. told(t, r, why))
    end
    ws:upgrade()
    ws:text(regular(t))
    ws:expect_text(regular(t), { req = "7692-5-07" })
    ws:finish()
  end,
}
