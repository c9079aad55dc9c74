/* command.h: what a conformance case asks a program under test to do besides
 * echoing. A server is told by a text message "wsspec:do COMMAND", a client by
 * the environment variable WSSPEC_DO. */
#ifndef COMMAND_H
#define COMMAND_H

#include "ws/websocket.h"

/* Obeys "close [CODE [REASON]]", "send text TEXT", "send binary TEXT" and
 * "ping [TEXT]". False: the text is none of these, and nothing was done. */
bool command_obey(struct ws_websocket *socket, struct ws_slice text);

#endif
