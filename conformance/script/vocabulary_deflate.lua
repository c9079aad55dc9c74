-- vocabulary_deflate.lua: the verbs of permessage-deflate that are made of other
-- verbs; see docs/cases.md.

local NAME = "permessage-deflate"

-- Declining is the server's right: what is to be seen is not there then.
function T:open_deflate(offer, opts)
  local request = {}
  for key, value in pairs(opts or {}) do
    request[key] = value
  end
  request.extensions = offer or NAME
  local c = self:offer_deflate(request)
  self:need_deflate(c, request)
  return c
end

-- In two steps, for who has something to do between them.
function T:offer_deflate(request, wait)
  local r, why, c = self:ask(request, wait)
  if not r and why == "timeout" then
    self:unmeasured("the opening handshake failed: " .. self:told(r, why), true)
  elseif not r or r.status ~= 101 then
    self:skip("the offer '" .. request.extensions .. "' is refused: " .. self:told(r, why))
  end
  return c:upgrade()
end

function T:need_deflate(c, request)
  if not c.deflate then
    self:skip("the offer '" .. request.extensions .. "' is declined")
  end
end

-- 8 to 15, without leading zero (7.1.2.1, 7.1.2.2); nil: anything else.
local function window_bits(value)
  return value and value:find("^[89]$") and tonumber(value)
    or value and value:find("^1[0-5]$") and tonumber(value)
    or nil
end

local TAKEOVER = { server_no_context_takeover = true, client_no_context_takeover = true }
local BITS = { server_max_window_bits = true, client_max_window_bits = true }

-- An offer as a table from name to value (true: none); nil: the server has to
-- decline it, whatever else it does (7.1: unknown, ill-valued, repeated).
local function valid_offer(extension)
  local found = {}
  for _, param in ipairs(extension.params) do
    local name, value = param.name, param.value
    local good = TAKEOVER[name] and value == nil
      or BITS[name] and window_bits(value)
      or name == "client_max_window_bits" and value == nil
    if not good or found[name] ~= nil then
      return nil
    end
    found[name] = window_bits(value) or true
  end
  return found
end

-- What breaks when `found` answers `offer`, the worst first: requirement and
-- words; nil: nothing does.
local function breach(found, offer)
  if offer.server_no_context_takeover and not found.server_no_context_takeover then
    return "7692-7.1.1.1-03", "server_no_context_takeover, as the offer has it"
  end
  local most = offer.server_max_window_bits
  if most and (found.server_max_window_bits or 16) > most then
    return "7692-7.1.2.1-05", "server_max_window_bits of at most " .. most
  end
  if found.client_max_window_bits and not offer.client_max_window_bits then
    return "7692-7.1.2.2-06", "no client_max_window_bits, as the offer has none"
  end
end

-- The response's element, parameter by parameter; true when all have their form.
local function judge_params(t, cite, element, found)
  local good = true
  local function must(id, cond, expected, got)
    good = t:must(cite(id), cond, expected, got) and good
  end
  for _, param in ipairs(element.params) do
    local name, value = param.name, param.value
    must("7692-4-02", TAKEOVER[name] or BITS[name], "parameters that RFC 7692 defines", name)
    must("7692-4-02", found[name] == nil, "each parameter once", name .. " twice")
    if name == "server_no_context_takeover" then
      must("7692-7.1.1.1-02", value == nil, name .. " without a value", name .. "=" .. tostring(value))
    elseif name == "client_no_context_takeover" then
      must("7692-7.1.1.2-03", value == nil, name .. " without a value", name .. "=" .. tostring(value))
    elseif name == "server_max_window_bits" then
      must("7692-7.1.2.1-06", value and value:find("^%d+$"), name .. " with digits", tostring(value))
      must("7692-7.1.2.1-03", window_bits(value), name .. " of 8 to 15", tostring(value))
    elseif name == "client_max_window_bits" then
      must("7692-7.1.2.2-05", window_bits(value), name .. " of 8 to 15", tostring(value))
    end
    found[name] = window_bits(value) or true
  end
  return good
end

-- One valid offer of the list has to allow what was answered.
local function judge_offers(t, cite, offer, found, told)
  local first, words
  local num = 0
  for _, extension in ipairs(parse_extensions(offer) or {}) do
    local params = extension.name == NAME and valid_offer(extension)
    if params then
      local id, expected = breach(found, params)
      if not id then
        local hint, value = tonumber(params.client_max_window_bits), found.client_max_window_bits
        if hint and value then
          -- "may either ignore this value or use this value"
          t:tolerated(cite("7692-7.1.2.2-04"), value <= hint,
            "client_max_window_bits of at most " .. hint, told)
        end
        t:must(cite("7692-5-09"), true, "parameters that an offer allows")
        return true
      end
      num = num + 1
      first, words = first or id, words or expected
    end
  end
  if num == 0 then
    return t:must(cite("7692-5-09"), false, "no agreement: no offer is valid", told)
  end
  return t:must(cite(num == 1 and first or "7692-5-09"), false,
    num == 1 and words or "parameters that an offer allows", told)
end

function T:judge_agreement(req, r, offer)
  local function cite(id)
    return self:cites(id) and id or req
  end
  local told = "Sec-WebSocket-Extensions: " .. table.concat(r:all("Sec-WebSocket-Extensions"), " | ")
  local list = r:extensions()
  if not self:must(cite("7692-4-02"), list, "a list of extensions", told) then
    return nil
  end
  local elements = {}
  for _, element in ipairs(list) do
    elements[#elements + 1] = element.name == NAME and element or nil
  end
  if #elements == 0 then
    return nil
  end
  self:must(cite("7692-5-09"), #elements == 1, NAME .. " once", told)
  local found = {}
  if not judge_params(self, cite, elements[1], found) then
    return nil
  end
  judge_offers(self, cite, offer, found, told)
  return {
    server_no_context_takeover = found.server_no_context_takeover == true,
    client_no_context_takeover = found.client_no_context_takeover == true,
    server_max_window_bits = found.server_max_window_bits or 15,
    client_max_window_bits = found.client_max_window_bits or 15,
  }
end
