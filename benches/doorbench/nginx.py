"""One nginx, with a server for each auth server that it asks."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from . import process
from .process import Process

HEAD = """\
daemon off;
master_process off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr error;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    keepalive_timeout 600s;
    keepalive_requests 1000000000;
"""

# The question of examples/nginx. What it protects is nginx's own empty picture: an app behind it would take time that
# no auth server can save, and bring the ratio nearer to 1.
SERVER = """\
    upstream auth_{port} {{
        server 127.0.0.1:{asked};
        keepalive 128;
        keepalive_requests 1000000000;
    }}
    server {{
        listen 127.0.0.1:{port} backlog=1024;
        server_name localhost;
        location / {{
            auth_request /.doorward;
            auth_request_set $user_id $upstream_http_x_userid;
            auth_request_set $login $upstream_http_location;
            auth_request_set $door $upstream_status;
            empty_gif;
        }}
        location = /.doorward {{
            internal;
            proxy_pass http://auth_{port}/verify/nginx/bench;
            proxy_connect_timeout 5s;
            proxy_read_timeout 10s;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_pass_request_body off;
            proxy_set_header Content-Length "";
            proxy_set_header X-Original-Method $request_method;
            proxy_set_header X-Original-URL $scheme://$host:$server_port$request_uri;
            proxy_set_header X-Forwarded-For $remote_addr;
        }}
    }}
"""


class Nginx:
    """Runs until the end of its `with` block. `asked` has the port of each auth server by name."""

    def __init__(self, asked: Mapping[str, int], core: int, folder: Path) -> None:
        self.ports = {name: process.free_port() for name in asked}
        text = HEAD.format(folder=folder)
        for name, port in self.ports.items():
            text += SERVER.format(port=port, asked=asked[name])
        config = folder / "nginx.conf"
        config.write_text(text + "}\n")
        command = ["nginx", "-e", "stderr", "-p", str(folder), "-c", str(config)]
        self.process = Process("nginx", command, core, folder / "nginx.log")

    def __enter__(self) -> "Nginx":
        try:
            for port in self.ports.values():
                self.process.until("ready", partial(process.accepts, port))
        except BaseException:
            self.process.end()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.process.end()
