"""The measure of the service: an endpoint that checks the same body and does nothing with it."""

from fastapi import FastAPI

from service.schemas import NarrativeIn

app = FastAPI()


@app.post("/v1/tag")
async def nothing(narrative: NarrativeIn) -> dict[str, bool]:
    return {"valid": True}
