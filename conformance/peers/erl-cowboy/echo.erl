%% echo:main([Port [, Cert, Key]]): an echo server on cowboy, as its guide
%% shows it.
-module(echo).
-behaviour(cowboy_websocket).
-export([main/1, init/2, websocket_handle/2, websocket_info/2]).

main([]) ->
    main(["0"]);
main([Port | Files]) ->
    {ok, _} = application:ensure_all_started(cowboy),
    Dispatch = cowboy_router:compile([{'_', [{"/", ?MODULE, []}]}]),
    Address = [{ip, {127, 0, 0, 1}}, {port, list_to_integer(Port)}],
    {ok, _} = start(Address, Files, #{env => #{dispatch => Dispatch}}),
    io:format("ready ~b~n", [ranch:get_port(echo)]).

start(Address, [], Options) ->
    cowboy:start_clear(echo, Address, Options);
start(Address, [Cert, Key], Options) ->
    Files = [{certfile, Cert}, {keyfile, Key}],
    cowboy:start_tls(echo, Address ++ Files, Options).

init(Request, State) ->
    Options = #{compress => true, max_frame_size => 16 bsl 20},
    {cowboy_websocket, Request, State, Options}.

websocket_handle({text, Text}, State) ->
    {[{text, Text}], State};
websocket_handle({binary, Data}, State) ->
    {[{binary, Data}], State};
websocket_handle(_, State) ->
    {[], State}.

websocket_info(_, State) ->
    {[], State}.
