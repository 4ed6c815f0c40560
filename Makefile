.PHONY: docker-up docker-down docker-logs dev test

docker-up:
	docker compose up --build --detach --wait

docker-down:
	docker compose down

docker-logs:
	docker compose logs --follow

dev:
	npm run dev

test:
	npm test
