-- Asks with one session cookie after the other. Arguments: a file with the request up to the cookie's value, a file of
-- cookies without separators, the number of the first, how many there are, and for how many milliseconds a connection
-- pauses before each request at most (0: not at all).

local LENGTH = 22
local head, cookies, position, count

local function read(path)
    local file = assert(io.open(path, "rb"))
    local text = file:read("*a")
    file:close()
    return text
end

function init(args)
    head = read(args[1])
    cookies = read(args[2])
    count = tonumber(args[4])
    position = tonumber(args[3]) % count
    local pause = tonumber(args[5])
    if pause > 0 then
        math.randomseed(1)
        -- wrk looks for it after `init`.
        delay = function() return math.random(0, pause) end
    end
end

function request()
    local from = position * LENGTH
    position = position + 1
    if position == count then position = 0 end
    return head .. string.sub(cookies, from + 1, from + LENGTH) .. "\r\n\r\n"
end
