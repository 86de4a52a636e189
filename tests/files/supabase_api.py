"""The parts of Supabase Storage's HTTP API that the store uses, with a database of buckets in memory.

As documented, an error has the status 400 and its real status in the body, but for faults of the server.
"""

from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


@dataclass
class Api:
    """A project's storage.

    Args:
        key: The server's key; every other key is refused.
        buckets: Names of the buckets, and whether each is public.
        objects: Content and media type of each object, by bucket and name.
        seen: What was asked: method, path and headers.
        busy: How many of the next requests are answered with 503.
    """

    key: str
    buckets: dict[str, bool] = field(default_factory=dict)
    objects: dict[tuple[str, str], tuple[bytes, str]] = field(default_factory=dict)
    seen: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    busy: int = 0

    def app(self) -> Starlette:
        """Return the application."""
        place = "/storage/v1/object/{bucket}/{name:path}"
        return Starlette(
            routes=[
                Route("/storage/v1/bucket/{bucket}", self.read_bucket, methods=["GET"]),
                Route("/storage/v1/object/authenticated/{bucket}/{name:path}", self.download, methods=["GET"]),
                Route("/storage/v1/object/public/{bucket}/{name:path}", self.show, methods=["GET"]),
                Route(place, self.upload, methods=["POST"]),
                Route(place, self.remove, methods=["DELETE"]),
            ]
        )

    async def read_bucket(self, request: Request) -> Response:
        """Describe a bucket."""
        name = request.path_params["bucket"]
        return self._refusal(request) or JSONResponse({"id": name, "name": name, "public": self.buckets[name]})

    async def upload(self, request: Request) -> Response:
        """Keep an object; one that is there is replaced only on demand."""
        body = await request.body()
        if refused := self._refusal(request):
            return refused
        bucket, name = request.path_params["bucket"], request.path_params["name"]
        if (bucket, name) in self.objects and request.headers.get("x-upsert") != "true":
            return _error(409, "Duplicate", "The resource already exists")
        self.objects[bucket, name] = body, request.headers.get("content-type", "")
        return JSONResponse({"Id": "6f1c2d3e-4a5b-4c6d-8e7f-90a1b2c3d4e5", "Key": f"{bucket}/{name}"})

    async def download(self, request: Request) -> Response:
        """Send an object to the server."""
        return self._refusal(request) or self._send(request)

    async def show(self, request: Request) -> Response:
        """Send an object of a public bucket to anybody."""
        bucket = request.path_params["bucket"]
        return self._send(request) if self.buckets.get(bucket) else _error(404, "Bucket not found", "Bucket not found")

    async def remove(self, request: Request) -> Response:
        """Delete an object."""
        if refused := self._refusal(request):
            return refused
        gone = self.objects.pop((request.path_params["bucket"], request.path_params["name"]), None)
        return JSONResponse({"message": "Successfully deleted"}) if gone else _no_object()

    def _send(self, request: Request) -> Response:
        found = self.objects.get((request.path_params["bucket"], request.path_params["name"]))
        return Response(found[0], media_type=found[1]) if found else _no_object()

    def _refusal(self, request: Request) -> Response | None:
        self.seen.append((request.method, request.url.path, dict(request.headers)))
        if self.busy:
            self.busy -= 1
            return JSONResponse({"statusCode": "503", "error": "SlowDown", "message": "Too much"}, 503)
        if request.headers.get("authorization") != f"Bearer {self.key}" or request.headers.get("apikey") != self.key:
            return _error(403, "Unauthorized", "Invalid Compact JWS")
        if request.path_params["bucket"] not in self.buckets:
            return _error(404, "Bucket not found", "Bucket not found")
        return None


def _no_object() -> Response:
    return _error(404, "not_found", "Object not found")


def _error(status: int, error: str, message: str) -> Response:
    return JSONResponse({"statusCode": str(status), "error": error, "message": message}, 400)
