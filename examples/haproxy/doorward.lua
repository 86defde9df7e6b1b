-- Asks Doorward whether a request may pass. Written by `doorward proxy-config haproxy --file doorward.lua`; haproxy.cfg loads
-- it, and examples/haproxy/README.md says what each part is for.

-- The backend of haproxy.cfg with Doorward's internal listener.
local INTERNAL = "doorward_internal"

-- How long an answer may take, in milliseconds. Doorward itself gives up on a store that is down before that.
local PATIENCE = 10000

-- Whoever holds the session's cookie can act as the visitor. An app is given the others.
local SESSION_COOKIES = {
    ["SESSION"] = true,
    ["__Host-SESSION"] = true,
    ["__Secure-SESSION"] = true,
}

-- What Doorward reads of a visitor's headers: it is passed on line by line, so that Doorward sees what came twice.
local PASSED_ON = {
    "accept",
    "cookie",
    "sec-fetch-dest",
    "sec-fetch-mode",
    "sec-websocket-key",
    "x-request-id",
}

local NO_ANSWER = { headers = {} }

-- HAProxy 3.1 may hand out booleans where earlier ones have numbers.
local function is_true(sample)
    return sample == true or sample == 1
end

-- Every line of a header, from the tables that HAProxy makes of them, which begin at 0.
local function lines(headers, name)
    local found = {}
    local values = headers[name] or {}
    for index = 0, #values do
        found[#found + 1] = values[index]
    end
    return found
end

-- The value of a header that has to come once.
local function only_line(headers, name)
    local found = lines(headers, name)
    return #found == 1 and found[1] or nil
end

-- A host and a path that can be put together to a URL which is taken apart in the same place. HAProxy takes anything for
-- a host: `shop.example/news/x` before the path `/orders` would be judged as `/news/x/orders`.
local function is_certain(host, uri)
    return host ~= nil and host:find("^[%w._:%[%]-]+$") ~= nil and uri ~= nil and uri:sub(1, 1) == "/"
end

-- The first server of Doorward's that HAProxy believes to be there, as `address:port`.
local function address(txn)
    for name, server in pairs(core.backends[INTERNAL].servers) do
        if is_true(txn.f:srv_is_up(INTERNAL .. "/" .. name)) then
            return server:get_addr()
        end
    end
    return nil
end

local function ask(txn, app, headers, url)
    local at = address(txn)
    if at == nil then
        return NO_ANSWER
    end
    local question = {
        ["x-original-method"] = { txn.f:method() },
        ["x-original-url"] = { url },
        ["x-forwarded-for"] = { txn.sf:src() },
    }
    for _, name in ipairs(PASSED_ON) do
        if headers[name] ~= nil then
            question[name] = lines(headers, name)
        end
    end
    -- A client of HAProxy's is for one request.
    return core.httpclient():get({
        url = "http://" .. at .. "/verify/haproxy/" .. app,
        headers = question,
        timeout = PATIENCE,
    })
end

local function hide_session(http, headers)
    local cookies = lines(headers, "cookie")
    http:req_del_header("cookie")
    for _, line in ipairs(cookies) do
        local kept = {}
        for pair in line:gmatch("[^;]+") do
            -- No pattern here looks back: a visitor chooses how long a cookie is.
            local name = pair:match("^[^=]*"):gsub("%s", "")
            local cookie = pair:gsub("^%s+", "")
            if cookie ~= "" and not SESSION_COOKIES[name] then
                kept[#kept + 1] = cookie
            end
        end
        if #kept > 0 then
            http:req_add_header("cookie", table.concat(kept, "; "))
        end
    end
end

-- Ends the request here.
local function turn_away(txn, status, reason, headers)
    headers = headers or {}
    headers["cache-control"] = { "no-store" }
    headers["content-type"] = { "text/plain; charset=utf-8" }
    txn:done({ status = status, headers = headers, body = reason .. "\n" })
end

-- `http-request lua.doorward APP`. Nothing passes unless `txn.doorward` is the app at the end: an error in here leaves it unset.
core.register_action("doorward", { "http-req" }, function(txn, app)
    local headers = txn.http:req_get_headers()
    local host, uri = only_line(headers, "host"), txn.f:pathq()
    if not is_certain(host, uri) then
        return turn_away(txn, 400, "Bad request")
    end
    local scheme = is_true(txn.f:ssl_fc()) and "https" or "http"
    local answer = ask(txn, app, headers, scheme .. "://" .. host .. uri)
    local identity = only_line(answer.headers, "x-userid")
    local login = only_line(answer.headers, "location")

    if answer.status == 200 and identity ~= nil then
        hide_session(txn.http, headers)
        txn.http:req_set_header("x-userid", identity)
        -- Exactly what was judged: `GET http://host/path` becomes `GET /path`.
        txn.http:req_set_uri(uri)
        txn:set_var("txn.doorward", app)
    elseif answer.status == 401 and login ~= nil then
        turn_away(txn, 302, "Sign in", { location = { login } })
    elseif answer.status == 401 then
        local challenge = lines(answer.headers, "www-authenticate")
        turn_away(txn, 401, "Sign in first", { ["www-authenticate"] = challenge })
    elseif answer.status == 403 then
        turn_away(txn, 403, "Forbidden")
    else
        turn_away(txn, 503, "Service unavailable")
    end
end, 1)
