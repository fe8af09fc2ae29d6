-- wrk's script: the yardstick's own, and besides each id that was answered as stored goes to the file $ACKED.
dofile(os.getenv("POST_LUA"))
local prepare, acked = init, nil
function init(args)
  prepare(args)
  acked = io.open(os.getenv("ACKED"), "a")
  acked:setvbuf("full", 65536) -- written when the process ends
end
function response(status, _, body)
  if status == 201 or status == 200 then acked:write(body:match('"id":"(%d+)"'), "\n") end
end
