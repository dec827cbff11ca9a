FROM golang AS build

ENV JWT_SECRET=correct-horse-battery-staple

WORKDIR /app
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -o server ./cmd/api

FROM gcr.io/distroless/static-debian13:nonroot
COPY --from=build /app/server /server
ENV JWT_SECRET=correct-horse-battery-staple
EXPOSE 8080
CMD ["/server"]
