ARG VERSION=1.4.0

FROM golang:1.24-alpine AS build
WORKDIR /src
COPY go.mod ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -ldflags "-X main.version=$VERSION" -o /out/server ./cmd/api

FROM alpine:latest
COPY --from=build /out/server /usr/local/bin/server
EXPOSE 8080
ENTRYPOINT ['server']
