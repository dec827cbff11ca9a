FROM golang:1.25-alpine AS build
RUN apk add --no-cache build-base
ENV CGO_ENABLED=1
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN go build -o /out/notes ./cmd/notes

FROM alpine:3.24
COPY --from=build /out/notes /notes
EXPOSE 8080
ENTRYPOINT ["/notes"]
