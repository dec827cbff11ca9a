FROM golang:1.25-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=1 go build -o /out/notes ./cmd/notes

FROM scratch
COPY --from=build /out/notes /notes
EXPOSE 8080
ENTRYPOINT ["/notes"]
