-- Signs in one user after the other. Arguments: the host, how many users there are, and their password.

local host, users, password
local user = 0

function init(args)
    host, users, password = args[1], tonumber(args[2]), args[3]
end

function request()
    user = (user + 1) % users
    local body = string.format('{"email":"user-%d@example.com","password":"%s"}', user, password)
    return "POST /login HTTP/1.1\r\nHost: " .. host .. "\r\nAccept: application/json\r\n"
        .. "Content-Type: application/json\r\nContent-Length: " .. #body .. "\r\n\r\n" .. body
end
